"""Where one person stands with one room, and what they can do now."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.heard import Heard
from practio_contracts.answers import Refusal
from practio_contracts.membership import GetMembership, MembershipShown, RequestToJoin, Status
from practio_membership.domain.case import Case
from practio_membership.domain.moves import moves
from practio_membership.domain.room import RoomState, open_places
from practio_membership.domain.standing import Standing, asking
from practio_membership.queries.seen import ahead_of, at_this_instant, room_seen
from practio_membership.store import line
from practio_membership.store.rows import standing_of
from practio_membership.tables import MembershipRow


async def get_membership(
    question: Heard[GetMembership], session: AsyncSession, now: datetime
) -> MembershipShown | Refusal:
    """Tell the latest membership, live or ended, to the person and to the room's offices."""
    asked = question.message
    state = await room_seen(session, asked.room_id, question.actor, now, person_id=asked.person_id)
    if isinstance(state, Refusal):
        return state
    standing = await _latest(session, asked.room_id, asked.person_id)
    if standing:
        state, standing = at_this_instant(state, standing, now)
    waits = standing is not None and standing.status is Status.WAITLISTED
    return MembershipShown(
        membership=standing and standing.shown,
        ahead=await ahead_of(session, standing) if standing and waits else None,
        moves=await _moves(session, state, standing, asked, now),
    )


async def _latest(session: AsyncSession, room_id: UUID, person_id: UUID) -> Standing | None:
    about = MembershipRow.room_id == room_id, MembershipRow.person_id == person_id
    row = await session.scalar(select(MembershipRow).where(*about).order_by(MembershipRow.number.desc()).limit(1))
    return standing_of(row) if row else None


async def _moves(
    session: AsyncSession, state: RoomState, standing: Standing | None, asked: GetMembership, now: datetime
) -> list[str]:
    places = open_places(state) if state.waiting else ()
    contested = await line.contested(session, asked.room_id, places) if places else frozenset()
    case = Case(state, asked.person_id, standing, asked.person_id, now, contested)
    wish = RequestToJoin(room_id=asked.room_id, person_id=asked.person_id)
    newcomer = asking(wish, membership_id=asked.room_id, by=case.by, now=now)
    return [command.routing_key for command in moves(case, newcomer)]
