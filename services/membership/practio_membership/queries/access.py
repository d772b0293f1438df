"""The beginning of every query: the room, who may see it, and offers that have expired."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.answers import Refusal, room_unknown
from practio_contracts.membership import Status
from practio_membership.domain import refusals
from practio_membership.domain.changes import Changes
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.invitations import lapse_invitation
from practio_membership.domain.membership_state import MembershipState, newcomer
from practio_membership.domain.offers import lapse_offer
from practio_membership.domain.room import Actor, RoomState, decides, open_places
from practio_membership.store import waitlist
from practio_membership.store.rows import member_of, state_of
from practio_membership.store.waitlist import waits_in
from practio_membership.tables import MembershipRow, RoomRow

_LATEST = (
    select(MembershipRow)
    .where(MembershipRow.room_id == bindparam("room"), MembershipRow.person_id == bindparam("person"))
    .order_by(MembershipRow.number.desc())
    .limit(1)
)
"""The latest membership of a person in a room; made once, since to put it together takes as long as to run it."""


async def room_visible_to(
    session: AsyncSession, room_id: UUID, actor: Actor, now: datetime, *, person_id: UUID | None = None
) -> RoomState | Refusal:
    """Return a room to its offices, to the system, and to ``person_id`` if the query is about them."""
    row = await session.get(RoomRow, room_id)
    if row is None:
        return room_unknown(now)
    state = state_of(row)
    if decides(state.room, actor):
        return state
    if person_id is None:
        return refusals.NO_OFFICE
    return state if actor == person_id else refusals.NOT_THE_PERSON


def as_of(state: RoomState, member: MembershipState, now: datetime) -> tuple[RoomState, MembershipState]:
    """Return a room and a member as they are now: an offer or invitation is over at its expiry, read or not."""
    after_lapse = state.room.access.waitlist.after_lapse
    over = lapse_offer(member, after_lapse, now=now) or lapse_invitation(member, now=now)
    if over is None:
        return state, member
    changes = Changes(state).with_event(member, over)
    return changes.state, changes.transitions[0].after


async def ahead_of(session: AsyncSession, member: MembershipState) -> int:
    """Return how many people are ahead of a person."""
    higher = MembershipRow.priority > member.priority
    earlier = (MembershipRow.priority == member.priority) & (MembershipRow.number < member.number)
    count = select(func.count()).where(waits_in(member.snapshot.room_id), or_(higher, earlier))
    return (await session.execute(count)).scalar_one()


async def context_of(session: AsyncSession, state: RoomState, person_id: UUID, now: datetime) -> DecisionContext:
    """Return the context of decisions about a person now: their membership, the people ahead, the contested places."""
    row = await session.scalar(_LATEST, {"room": state.room.room_id, "person": person_id})
    member = member_of(row) if row else None
    if member:
        state, member = as_of(state, member, now)
    places = open_places(state) if state.waiting else ()
    contested = await waitlist.contested(session, state.room.room_id, places) if places else frozenset()
    waits = member is not None and member.status is Status.WAITLISTED
    ahead = await ahead_of(session, member) if member and waits else 0
    return DecisionContext(state, person_id, member, person_id, now, contested, ahead)


def as_newcomer(decision_context: DecisionContext) -> MembershipState:
    """Return the person as if they requested now, for any role."""
    room_id = decision_context.state.room.room_id
    return newcomer(
        room_id, decision_context.person_id, membership_id=room_id, by=decision_context.by, now=decision_context.now
    )
