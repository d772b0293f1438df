"""The sessions of all rooms of a person, ordered by their start."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import DateTime, Row, Uuid, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.paging import fitting, read_cursor, write_cursor
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import FieldError, Refusal
from practio_contracts.fields import Instant
from practio_contracts.rooms import (
    LONGEST,
    AgendaEntry,
    AgendaFound,
    ListAgenda,
    RefusalCode,
    Session,
    SessionStatus,
)
from practio_rooms.domain.own_rooms import not_theirs
from practio_rooms.queries.own import is_shown_to, rooms_run_or_attended
from practio_rooms.tables import RoomRow, SessionRow

AGENDA_LENGTH = timedelta(days=90)
"""How far an agenda reaches if its end is not given."""

_BY_START = (SessionRow.starts_at, SessionRow.room_id, SessionRow.session_id)
_PLACES = TypeAdapter(tuple[Literal["agenda"], Instant, UUID, UUID])
_ENDS_TOO_EARLY = Refusal(
    code=RefusalCode.INVALID,
    detail="the period ends before it begins: choose a later end",
    errors=(FieldError(field="to", message="is not after from"),),
)


async def list_agenda(
    query: ReceivedMessage[ListAgenda], session: AsyncSession, now: datetime
) -> AgendaFound | Refusal:
    """Return a page of the sessions that a person's rooms hold in a period, including one that has begun in it."""
    asked = query.message
    since = asked.since or now
    until = asked.until or _shifted(since, AGENDA_LENGTH)
    place = read_cursor(asked.after, _PLACES)
    if refusal := place if isinstance(place, Refusal) else not_theirs(asked.person_id, query.actor):
        return refusal
    if until <= since:
        return _ENDS_TOO_EARLY
    snapshot = RoomRow.snapshot
    room = (snapshot["title"].astext, snapshot["place"].astext, snapshot["meeting_url"].astext)
    statement = (
        select(*_SESSION, *(column.label(name) for column, name in zip(room, _ROOM, strict=True)))
        .join(RoomRow, RoomRow.room_id == SessionRow.room_id)
        .where(
            SessionRow.room_id.in_(rooms_run_or_attended(asked.person_id, also_ended=False)),
            is_shown_to(asked.person_id),
            SessionRow.status == SessionStatus.SCHEDULED,
            SessionRow.starts_at > _shifted(since, -LONGEST),
            SessionRow.starts_at < until,
            SessionRow.ends_at > since,
        )
    )
    if place and not isinstance(place, Refusal):
        last = (literal(place[1], DateTime(timezone=True)), literal(place[2], Uuid), literal(place[3], Uuid))
        statement = statement.where(tuple_(*_BY_START) > tuple_(*last))
    rows = (await session.execute(statement.order_by(*_BY_START).limit(asked.limit + 1))).all()
    sessions = list(fitting(map(_entry, rows[: asked.limit])))
    after = _cursor(sessions[-1].session) if len(sessions) < len(rows) else None
    return AgendaFound(sessions=sessions, after=after)


_ROOM = ("room_title", "room_place", "room_meeting_url")
_SESSION = tuple(getattr(SessionRow, name) for name in Session.model_fields)


def _entry(row: Row[Any]) -> AgendaEntry:
    """Return an entry without checks: the database has only what was checked before."""
    columns = dict(zip(Session.model_fields, row, strict=False))
    session = Session.model_construct(**columns | {"status": SessionStatus(row.status)})
    return AgendaEntry.model_construct(
        session=session,
        room_title=row.room_title,
        place=session.place or row.room_place,
        meeting_url=session.meeting_url or row.room_meeting_url,
    )


def _cursor(session: Session) -> str:
    return write_cursor("agenda", session.starts_at, session.room_id, session.session_id)


def _shifted(at: datetime, span: timedelta) -> datetime:
    """Return an instant moved by ``span``, or the first or last one that there is."""
    try:
        return at + span
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if span > timedelta() else datetime.min.replace(tzinfo=UTC)
