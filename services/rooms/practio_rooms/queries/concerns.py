"""The rooms in which a report of conduct waits for one person."""

from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, cast, exists, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import OwnOffice, RoomWithConcerns
from practio_rooms.queries.own_room_conditions import has_office, holds_an_office
from practio_rooms.tables import REPORT_IS_OPEN, ConductReportRow, RoomRow

MOST = 100
"""How many are listed: each has to be settled, which makes place for the next."""

_PERSON = bindparam("person", type_=Uuid)
_TITLE = RoomRow.snapshot["title"].astext
_WAITS = exists().where(
    ConductReportRow.room_id == RoomRow.room_id,
    REPORT_IS_OPEN,
    ~ConductReportRow.about_ids.contains(cast(array([_PERSON]), ARRAY(Uuid))),
)
_OF_PERSON = (
    select(RoomRow.room_id, _TITLE.label("title"))
    .where(holds_an_office(_PERSON), has_office(_PERSON, OwnOffice.STEWARD), _WAITS)
    .order_by(_TITLE, RoomRow.room_id)
    .limit(MOST)
)


async def concerns_of(session: AsyncSession, person_id: UUID) -> list[RoomWithConcerns]:
    """Return the rooms, by title, whose steward a person is and in which a report not about them is open."""
    rows = await session.execute(_OF_PERSON, {"person": person_id})
    return [RoomWithConcerns(room_id=row.room_id, title=row.title) for row in rows]
