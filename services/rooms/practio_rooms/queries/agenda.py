"""The sessions of all rooms of a person, ordered by their start."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Row,
    Select,
    Uuid,
    bindparam,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import fitting, read_cursor, write_cursor
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
from practio_rooms.queries.own_room_conditions import rooms_to_meet_in
from practio_rooms.tables import RoomRow, SessionRow

AGENDA_LENGTH = timedelta(days=90)
"""How far ahead of now, or of a later beginning, an agenda reaches if its end is not given."""

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
    until = asked.until or _shifted(max(since, now), AGENDA_LENGTH)
    place = read_cursor(asked.after, _PLACES)
    if isinstance(place, Refusal):
        return place
    if until <= since:
        return _ENDS_TOO_EARLY
    if refusal := not_theirs(asked.person_id, query.actor):
        return refusal
    values = {"person": asked.person_id, "since": since, "until": until, "most": asked.limit + 1}
    values["earliest"] = _shifted(since, -LONGEST)
    if place:
        values |= {"last_start": place[1], "last_room": place[2], "last_session": place[3]}
    rows = (await session.execute(_listing(is_first=place is None), values)).all()
    sessions = list(fitting(map(_entry, rows[: asked.limit])))
    after = _cursor(sessions[-1].session) if len(sessions) < len(rows) else None
    return AgendaFound(sessions=sessions, after=after)


@lru_cache(maxsize=2)
def _listing(*, is_first: bool) -> Select[Any]:
    """Return the statement, made once.

    Sessions are looked up room by room, whatever PostgreSQL supposes of their number; what entries say of their rooms
    is read for those of the page alone.
    """
    own, most = rooms_to_meet_in(bindparam("person", type_=Uuid)).subquery("own"), bindparam("most", type_=Integer)
    of_a_room = select(*_SESSION).where(
        SessionRow.room_id == own.c.room_id,
        SessionRow.status == SessionStatus.SCHEDULED,
        SessionRow.starts_at > bindparam("earliest", type_=_INSTANT),
        SessionRow.starts_at < bindparam("until", type_=_INSTANT),
        SessionRow.ends_at > bindparam("since", type_=_INSTANT),
    )
    if not is_first:
        of_a_room = of_a_room.where(*_AFTER_THE_LAST)
    listed = of_a_room.order_by(SessionRow.starts_at, SessionRow.session_id).limit(most).lateral("listed")
    page = select(*listed.c).select_from(own.join(listed, true())).order_by(*_by_start(listed)).limit(most)
    shown = page.cte("page").prefix_with("MATERIALIZED")
    room = (RoomRow.snapshot[name].astext.label(f"room_{name}") for name in ("title", "place", "meeting_url"))
    joined = shown.join(RoomRow, RoomRow.room_id == shown.c.room_id)
    return select(*shown.c, *room).select_from(joined).order_by(*_by_start(shown))


def _by_start(sessions: FromClause) -> list[ColumnElement[Any]]:
    return [sessions.c[column.key] for column in _BY_START]


_INSTANT = DateTime(timezone=True)
_SESSION = tuple(getattr(SessionRow, name) for name in Session.model_fields)
_LAST_START = bindparam("last_start", type_=_INSTANT)
_LAST = (_LAST_START, bindparam("last_room", type_=Uuid), bindparam("last_session", type_=Uuid))
_AFTER_THE_LAST = (SessionRow.starts_at >= _LAST_START, tuple_(*_BY_START) > tuple_(*_LAST))
"""That a session follows the last page: also by its start alone, which the index has."""


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
