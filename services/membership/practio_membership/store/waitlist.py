"""Queries about a room's waitlist; they see what the session has flushed, and nothing later."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, and_, any_, cast, column, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from practio_membership.domain.membership_state import Key
from practio_membership.domain.room import Place
from practio_membership.tables import IN_WAITLIST_ORDER, WAITS, MembershipRow

NO_PREFERENCE: ColumnElement[bool] = func.cardinality(MembershipRow.wishes) == 0


def waits_in(room_id: UUID) -> ColumnElement[bool]:
    """Return the condition of waiting in a room."""
    return and_(MembershipRow.room_id == room_id, WAITS)


def takes_one_of(places: Sequence[Place]) -> ColumnElement[bool]:
    """Return the condition of having preferred roles by which a person would take one of ``places``."""
    return true() if None in places else or_(NO_PREFERENCE, MembershipRow.wishes.overlap(list(places)))


async def front(session: AsyncSession, room_id: UUID, places: Sequence[Place], *, most: int) -> Sequence[MembershipRow]:
    """Return the first, at most ``most``, people on the waitlist who would take one of ``places``, in order."""
    query = select(MembershipRow).where(waits_in(room_id), ~MembershipRow.set_aside, takes_one_of(places))
    return (await session.scalars(query.order_by(*IN_WAITLIST_ORDER).limit(most))).all()


async def contested(session: AsyncSession, room_id: UUID, places: Sequence[Place]) -> frozenset[Place]:
    """Return those of ``places`` that somebody on the waitlist would take.

    The query asks for the first one rather than any: the order keeps PostgreSQL from reading the whole table.
    """
    place = func.unnest(cast(list(places), ARRAY(Text))).column_valued("place")
    would_take = or_(NO_PREFERENCE, place.is_(None), place == any_(MembershipRow.wishes))
    waiting = select(MembershipRow.number).where(waits_in(room_id), ~MembershipRow.set_aside, would_take)
    first = waiting.order_by(*IN_WAITLIST_ORDER).limit(1).lateral()
    return frozenset(await session.scalars(select(place).join(first, true())))


async def behind_newcomers(session: AsyncSession, room_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return for each room how many people wait with a priority below that of a newcomer, which is 0."""
    if not room_ids:
        return {}
    asked = func.unnest(cast(list(room_ids), ARRAY(Uuid))).table_valued(column("room_id", Uuid)).render_derived("asked")
    waiting = MembershipRow.room_id == asked.c.room_id, WAITS, MembershipRow.priority < 0
    number = select(func.count()).select_from(MembershipRow).where(*waiting).scalar_subquery()
    return {row[0]: row[1] for row in await session.execute(select(asked.c.room_id, number))}


async def keys(session: AsyncSession, room_id: UUID) -> list[Key]:
    """Return the keys of all waiting people, in order."""
    columns = func.array_agg(MembershipRow.priority), func.array_agg(MembershipRow.number)
    priorities, numbers = (await session.execute(select(*columns).where(waits_in(room_id)))).one()
    return sorted((-priority, number) for priority, number in zip(priorities or (), numbers or (), strict=True))
