"""The room that a room was made after, and those that were made after it, as far as the reader may know of them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import RelatedRoom, Room, RoomStatus
from practio_rooms.domain.room import Actor
from practio_rooms.tables import RoomRow

MOST_COPIES = 20
"""The most copies shown with a room."""


async def origin_of(room: Room, session: AsyncSession, by: Actor) -> RelatedRoom | None:
    """Return the room that this one was made after; no query if there is none."""
    if room.origin_id is None:
        return None
    found = await session.execute(_related(by).where(RoomRow.room_id == room.origin_id))
    row = found.one_or_none()
    return _related_room(row) if row else None


def has_copies(room_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return the condition that rooms were made after one; the reader may know of none of them."""
    copy = aliased(RoomRow)
    return exists().where(copy.origin_id == room_id)


async def copies_of(room: Room, session: AsyncSession, by: Actor) -> list[RelatedRoom]:
    """Return the rooms that were made after this one: the reader's drafts, then the newest."""
    newest = (RoomRow.published_at.desc().nulls_first(), RoomRow.room_id)
    statement = _related(by).where(RoomRow.origin_id == room.room_id).order_by(*newest).limit(MOST_COPIES)
    return [_related_room(row) for row in await session.execute(statement)]


def _related(by: Actor) -> Select[Any]:
    columns = (RoomRow.room_id, RoomRow.snapshot["title"].astext.label("title"), RoomRow.status)
    return select(*columns).where(RoomRow.status != RoomStatus.CANCELLED, _is_visible_to(by))


def _is_visible_to(by: Actor) -> ColumnElement[bool]:
    """Return the condition of ``domain.room.is_visible_to``: only the host and the system see a draft."""
    if by == SYSTEM:
        return true()
    is_public = RoomRow.status != RoomStatus.DRAFT
    return or_(is_public, RoomRow.snapshot["host_id"].astext == str(by)) if isinstance(by, UUID) else is_public


def _related_room(row: Row[Any]) -> RelatedRoom:
    return RelatedRoom(room_id=row.room_id, title=row.title, status=RoomStatus(row.status))
