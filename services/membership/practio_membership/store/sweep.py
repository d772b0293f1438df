"""What the sweep looks for: the views that `practio invariants` reads too (README, What was lost heals).

All of it is found by room, of those that come ``after`` one in the order of their ids.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    DateTime,
    Row,
    Select,
    Text,
    Uuid,
    column,
    func,
    literal_column,
    select,
    table,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.membership import Status
from practio_membership.tables import MembershipRow, has_status

_OVERDUE = table(
    "overdue_membership",
    *(column(name, Uuid) for name in ("membership_id", "room_id", "person_id")),
    column("status", Text),
    column("due_at", DateTime(timezone=True)),
)
_TO_GIVE_UP = table(
    "place_to_give_up",
    *(column(name, Uuid) for name in ("room_id", "person_id", "to_room_id")),
    column("seated_at", DateTime(timezone=True)),
)
_TO_FILL = table("room_to_fill", column("room_id", Uuid))
_TO_END = table("room_to_end", column("room_id", Uuid))


async def overdue(
    session: AsyncSession, status: Status, *, after: UUID, of_room: int, most: int
) -> Sequence[Row[Any, Any, Any]]:
    """Return room, person and membership of overdue offers, invitations or requests, the oldest of each room first."""
    is_so = _OVERDUE.c.status == literal_column(f"'{status}'")
    columns = _OVERDUE.c.room_id, _OVERDUE.c.person_id, _OVERDUE.c.membership_id
    statement = _oldest_of_each_room(columns, _OVERDUE.c.due_at, is_so & (_OVERDUE.c.room_id > after), of_room=of_room)
    return (await session.execute(statement.limit(most))).all()


async def places_to_give_up(
    session: AsyncSession, *, after: UUID, of_room: int, most: int
) -> Sequence[Row[Any, Any, Any, Any]]:
    """Return the places on waitlists of people who have a seat in the room that they were invited to from there."""
    columns = _TO_GIVE_UP.c.room_id, _TO_GIVE_UP.c.person_id, _TO_GIVE_UP.c.to_room_id, _TO_GIVE_UP.c.seated_at
    statement = _oldest_of_each_room(columns, _TO_GIVE_UP.c.seated_at, _TO_GIVE_UP.c.room_id > after, of_room=of_room)
    return (await session.execute(statement.limit(most))).all()


async def rooms_to_fill(session: AsyncSession, *, after: UUID, most: int) -> Sequence[Row[Any]]:
    """Return rooms in which somebody on the waitlist would take a free seat."""
    room_id = _TO_FILL.c.room_id
    return (await session.execute(select(room_id).where(room_id > after).order_by(room_id).limit(most))).all()


async def rooms_to_end(session: AsyncSession, *, after: UUID, most: int) -> Sequence[Row[Any, Any, Any]]:
    """Return ended rooms with live memberships, each with the ``by`` and ``reason`` of those that have ended there."""
    room_id = _TO_END.c.room_id
    last = (
        select(MembershipRow.by, MembershipRow.reason)
        .where(MembershipRow.room_id == room_id, has_status(Status.ENDED))
        .limit(1)
        .lateral()
    )
    statement = select(room_id, last.c.by, last.c.reason).select_from(_TO_END).outerjoin(last, true())
    return (await session.execute(statement.where(room_id > after).order_by(room_id).limit(most))).all()


def _oldest_of_each_room(
    columns: Sequence[ColumnClause[Any]], since: ColumnElement[Any], found: ColumnElement[bool], *, of_room: int
) -> Select[*tuple[Any, ...]]:
    """Return what selects at most ``of_room`` rows of each room, by room and then by age."""
    place = func.row_number().over(partition_by=columns[0], order_by=since).label("place")
    ranked = select(*columns, place).where(found).subquery()
    selected = [ranked.c[each.name] for each in columns]
    return select(*selected).where(ranked.c.place <= of_room).order_by(selected[0], ranked.c.place)
