"""What gauges show of all rooms together."""

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_membership.tables import RoomRow

_SUMS = select(*(func.sum(each) for each in (RoomRow.taken, RoomRow.held, RoomRow.waiting, RoomRow.pending)))


class SeatCounts(NamedTuple):
    """How many seats are taken and held, and how many people wait for a seat and for a decision."""

    taken: int
    held: int
    waiting: int
    pending: int


async def places_in_all_rooms(session: AsyncSession) -> SeatCounts:
    """Return the seats in use and the people who wait, over all rooms."""
    return SeatCounts(*(each or 0 for each in (await session.execute(_SUMS)).one()))
