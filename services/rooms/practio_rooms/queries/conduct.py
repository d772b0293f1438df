"""Reports of conduct, for a room's stewards and the system: never for a person whom they are about."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import read_cursor
from practio_contracts.answers import Refusal
from practio_contracts.fields import Instant
from practio_contracts.rooms import ConductReport, ConductReports, ListConductReports
from practio_rooms.domain.conduct import FOR_STEWARDS, may_settle
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor
from practio_rooms.queries.ordering import Order
from practio_rooms.queries.visible_room import visible_room
from practio_rooms.tables import REPORT_IS_OPEN, ConductReportRow

_NEWEST = Order(
    "report",
    {"reported_at": ConductReportRow.reported_at, "report_id": ConductReportRow.report_id},
    TypeAdapter(tuple[Literal["report"], Instant, UUID]),
)


async def list_conduct_reports(
    query: ReceivedMessage[ListConductReports], session: AsyncSession, _now: datetime
) -> ConductReports | Refusal:
    """Return a page of reports, newest first."""
    asked, by = query.message, query.actor
    place = read_cursor(asked.after, _NEWEST.places)
    if isinstance(place, Refusal):
        return place
    if refusal := await _refusal(asked.room_id, session, by):
        return refusal
    statement = select(ConductReportRow)
    if asked.room_id:
        statement = statement.where(ConductReportRow.room_id == asked.room_id)
    if isinstance(by, UUID):
        statement = statement.where(~ConductReportRow.about_ids.contains([by]))
    if asked.open_only:
        statement = statement.where(REPORT_IS_OPEN)
    newest = _NEWEST.ordered(_NEWEST.after(statement, place)).limit(asked.limit + 1)
    reports, after = _NEWEST.page((await session.scalars(newest)).all(), _shown, limit=asked.limit)
    return ConductReports(reports=reports, after=after)


async def _refusal(room_id: UUID | None, session: AsyncSession, by: Actor) -> Refusal | None:
    if room_id is None:
        return FOR_STEWARDS if isinstance(by, UUID) or by is None else None
    found = await visible_room(session, room_id, by)
    if found is None:
        return ROOM_UNKNOWN
    return None if may_settle(found.room, by) else FOR_STEWARDS


def _shown(row: ConductReportRow) -> ConductReport:
    stated = {name: getattr(row, name) for name in ConductReport.model_fields if name != "by"}
    return ConductReport.model_validate(stated | {"by": row.reporter_id})
