"""The hand-overs that wait for one person's answer."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import ProposedHandOver
from practio_rooms.tables import RoomRow

MOST = 100
"""How many are listed: each has to be answered, which makes place for the next."""

_TITLE = RoomRow.snapshot["title"].astext
_OF_PERSON = (
    select(RoomRow.room_id, _TITLE.label("title"))
    .where(RoomRow.proposed_host_id == bindparam("person", type_=Uuid))
    .order_by(_TITLE, RoomRow.room_id)
    .limit(MOST)
)


async def hand_overs_of(session: AsyncSession, person_id: UUID) -> list[ProposedHandOver]:
    """Return the rooms whose host a person is asked to become, by title; a proposal ends with its room."""
    rows = await session.execute(_OF_PERSON, {"person": person_id})
    return [ProposedHandOver(room_id=row.room_id, title=row.title) for row in rows]
