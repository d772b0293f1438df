"""What the sweep looks for: the views that `practio invariants` reads too (README, What was lost heals)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Row, Text, Uuid, column, literal_column, select, table, true
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


async def overdue(session: AsyncSession, status: Status, *, most: int) -> Sequence[Row[Any, Any, Any]]:
    """Return room, person and membership of the offers, invitations or requests that have been overdue longest."""
    is_so = _OVERDUE.c.status == literal_column(f"'{status}'")
    columns = _OVERDUE.c.room_id, _OVERDUE.c.person_id, _OVERDUE.c.membership_id
    return (await session.execute(select(*columns).where(is_so).order_by(_OVERDUE.c.due_at).limit(most))).all()


async def places_to_give_up(session: AsyncSession, *, most: int) -> Sequence[Row[Any, Any, Any, Any]]:
    """Return the places on waitlists of people who have a seat in the room that they were invited to from there."""
    columns = _TO_GIVE_UP.c.room_id, _TO_GIVE_UP.c.person_id, _TO_GIVE_UP.c.to_room_id, _TO_GIVE_UP.c.seated_at
    return (await session.execute(select(*columns).order_by(_TO_GIVE_UP.c.seated_at).limit(most))).all()


async def rooms_to_fill(session: AsyncSession, *, most: int) -> Sequence[UUID]:
    """Return rooms in which somebody on the waitlist would take a free seat."""
    return (await session.scalars(select(_TO_FILL.c.room_id).limit(most))).all()


async def rooms_to_end(session: AsyncSession, *, most: int) -> Sequence[Row[Any, Any, Any]]:
    """Return ended rooms with live memberships, each with the ``by`` and ``reason`` of those that have ended there."""
    last = (
        select(MembershipRow.by, MembershipRow.reason)
        .where(MembershipRow.room_id == _TO_END.c.room_id, has_status(Status.ENDED))
        .limit(1)
        .lateral()
    )
    statement = select(_TO_END.c.room_id, last.c.by, last.c.reason).select_from(_TO_END).outerjoin(last, true())
    return (await session.execute(statement.limit(most))).all()
