"""What every answer begins with: the room, who may see it, and what an offer that is over has become."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.answers import Refusal
from practio_membership.domain import refusals
from practio_membership.domain.offers import lapse_offer
from practio_membership.domain.room import Actor, RoomState, decides
from practio_membership.domain.standing import Standing
from practio_membership.domain.turn import Turn
from practio_membership.store.line import waits_in
from practio_membership.store.rows import state_of
from practio_membership.tables import MembershipRow, RoomRow


async def room_seen(
    session: AsyncSession, room_id: UUID, actor: Actor, now: datetime, *, person_id: UUID | None = None
) -> RoomState | Refusal:
    """Give a room to its offices, to the system, and to ``person_id`` where it is about them."""
    row = await session.get(RoomRow, room_id)
    if row is None:
        return refusals.room_unknown(now)
    state = state_of(row)
    if decides(state.room, actor):
        return state
    if person_id is None:
        return refusals.NO_OFFICE
    return state if actor == person_id else refusals.NOT_THE_PERSON


def at_this_instant(state: RoomState, standing: Standing, now: datetime) -> tuple[RoomState, Standing]:
    """Give a room and a standing as they are now: an offer is over at its instant, read or not."""
    over = lapse_offer(standing, state.room.access.waitlist.after_lapse, now=now)
    if over is None:
        return state, standing
    turn = Turn(state).tell(standing, over)
    return turn.state, turn.told[0].after


async def ahead_of(session: AsyncSession, standing: Standing) -> int:
    """Give how many wait before a person."""
    higher = MembershipRow.priority > standing.priority
    earlier = (MembershipRow.priority == standing.priority) & (MembershipRow.number < standing.number)
    count = select(func.count()).where(waits_in(standing.shown.room_id), or_(higher, earlier))
    return (await session.execute(count)).scalar_one()
