"""What rooms answers: one room, or a page of those that a search finds."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Row, Select, Uuid, exists, func, literal, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.heard import Heard
from practio_contracts.answers import FieldError, Refusal
from practio_contracts.rooms import (
    GetRoom,
    PublicRoom,
    RefusalCode,
    Room,
    RoomFound,
    RoomsFound,
    RoomShown,
    SearchRooms,
)
from practio_rooms.domain.room import ROOM_UNKNOWN, holds_office, is_seen_by
from practio_rooms.tables import IS_PUBLISHED, PresenceRow, RoomRow

PAGE_BYTES = 200 * 1024
"""Where a page ends before its limit: an answer is a message of at most 256 KiB."""


async def get_room(question: Heard[GetRoom], session: AsyncSession, now: datetime) -> RoomShown | Refusal:
    """Show a room: whole to those in it and in its offices, without place and link to others."""
    by = question.actor
    is_in_it = exists().where(PresenceRow.room_id == RoomRow.room_id, PresenceRow.person_id == _person(by))
    query = select(RoomRow.snapshot, is_in_it).where(RoomRow.room_id == question.message.room_id)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return ROOM_UNKNOWN
    room = Room.model_validate(found[0])
    if not is_seen_by(room, by):
        return ROOM_UNKNOWN
    return RoomShown(room=room if found[1] or holds_office(room, by) else PublicRoom.model_validate(found[0]))


def _person(actor: UUID | str | None) -> UUID | None:
    return actor if isinstance(actor, UUID) else None


async def search_rooms(question: Heard[SearchRooms], session: AsyncSession, now: datetime) -> RoomsFound | Refusal:
    """Give a page of the published rooms that fit, newest first; going on from a page skips and repeats none."""
    asked = question.message
    try:
        statement = statement_of(asked)
    except ValueError:
        error = FieldError(field="after", message="not where a page ended")
        return Refusal(code=RefusalCode.INVALID, detail="the page asked for cannot be read", errors=(error,))
    return _page((await session.execute(statement)).all(), limit=asked.limit)


def statement_of(asked: SearchRooms) -> Select[Any]:
    """Give the query for a page and one room more; raises ValueError where ``after`` is not where a page ended."""
    going_on = true() if asked.after is None else _read_cursor(asked.after)
    return (
        select(RoomRow.snapshot, RoomRow.seats_free, RoomRow.waiting, RoomRow.published_at, RoomRow.room_id)
        .where(IS_PUBLISHED, going_on, *_filters(asked))
        .order_by(RoomRow.published_at.desc(), RoomRow.room_id.desc())
        .limit(asked.limit + 1)
    )


def _filters(asked: SearchRooms) -> Iterator[ColumnElement[bool]]:
    wanted = {
        RoomRow.format: asked.format,
        RoomRow.mode: asked.mode,
        RoomRow.language: asked.language and asked.language.casefold(),
        RoomRow.domain: asked.domain and asked.domain.casefold(),
        RoomRow.policy: asked.policy,
        RoomRow.sponsor_kind: asked.sponsor and asked.sponsor.kind,
        RoomRow.sponsor_name: asked.sponsor and asked.sponsor.name and asked.sponsor.name.casefold(),
    }
    yield from (column == value for column, value in wanted.items() if value)
    if asked.with_free_seats:
        yield RoomRow.has_free_seats == true()
    if asked.text:
        yield RoomRow.words.bool_op("@@")(func.websearch_to_tsquery("simple", asked.text))


def _page(rows: Sequence[Row[Any]], *, limit: int) -> RoomsFound:
    """Take as many rows as an answer holds; ``rows`` may be one more than ``limit``, to tell whether there is more."""
    rooms: list[RoomFound] = []
    size = 0
    for row in rows[:limit]:
        found = RoomFound.model_validate(row.snapshot | {"seats_free": row.seats_free, "waiting": row.waiting})
        size += len(found.model_dump_json().encode())
        if rooms and size > PAGE_BYTES:
            break
        rooms.append(found)
    last = rows[len(rooms) - 1] if len(rooms) < len(rows) else None
    return RoomsFound(rooms=rooms, after=last and _write_cursor(last.published_at, last.room_id))


def _write_cursor(published_at: datetime, room_id: UUID) -> str:
    return urlsafe_b64encode(f"{published_at.isoformat()} {room_id}".encode()).decode()


def _read_cursor(after: str) -> ColumnElement[bool]:
    """Give the condition of coming after a page's last room; raises ValueError where it is none of ours."""
    instant, room_id = urlsafe_b64decode(after.encode()).decode().split(" ")
    published_at = datetime.fromisoformat(instant)
    if published_at.tzinfo is None:
        raise ValueError("an instant of ours has an offset")
    last = tuple_(literal(published_at, DateTime(timezone=True)), literal(UUID(room_id), Uuid))
    return tuple_(RoomRow.published_at, RoomRow.room_id) < last
