"""The people who have a seat in a room, or had one until it ended, and those who wait for one."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of, one_of_rows
from practio_contracts.membership import Status
from practio_notifications.tables import MembershipRow

_SEATED = MembershipRow.was_joined & MembershipRow.status.in_(("joined", "ended"))
"""Written out as in the index ``standing_with_seat``: people who were in the room when it ended are notified of it."""


_WAITING = MembershipRow.status.in_((Status.OFFERED.value, Status.WAITLISTED.value))


def waits_for_seat(row: MembershipRow) -> bool:
    """Return whether a person has an offer, or is on the waitlist."""
    return row.status in (Status.OFFERED, Status.WAITLISTED)


def has_seat(row: MembershipRow) -> bool:
    """Return whether a person has a seat, or had one when the room ended."""
    return row.was_joined and row.status in (Status.JOINED, Status.ENDED)


def is_seated() -> ColumnElement[bool]:
    """Return the condition that a person has a seat, or had one when the room ended."""
    return _SEATED


async def seats_of(session: AsyncSession, rooms: Iterable[UUID]) -> Sequence[MembershipRow]:
    """Return the memberships of the people who have a seat in one of ``rooms``."""
    wanted = set(rooms)
    if not wanted:
        return []
    return (await session.scalars(select(MembershipRow).where(one_of(MembershipRow.room_id, wanted), _SEATED))).all()


async def places_of(
    session: AsyncSession, rooms: Iterable[UUID], *, in_line: Iterable[UUID] = ()
) -> Sequence[MembershipRow]:
    """Return the memberships of the people who have a seat in one of ``rooms``, or wait for one ``in_line`` of one."""
    waiting: Sequence[MembershipRow] = ()
    if wanted := set(in_line):
        found = select(MembershipRow).where(one_of(MembershipRow.room_id, wanted), _WAITING)
        waiting = (await session.scalars(found)).all()
    return [*await seats_of(session, rooms), *waiting]


async def waiting_among(session: AsyncSession, pairs: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of ``pairs`` of a room and a person in which the person waits for a seat in that room."""
    wanted = list(set(pairs))
    if not wanted:
        return set()
    columns = (MembershipRow.room_id, MembershipRow.person_id)
    found = await session.execute(select(*columns).where(one_of_rows(columns, wanted), _WAITING))
    return {(room_id, person_id) for room_id, person_id in found}


async def seated_among(session: AsyncSession, pairs: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of ``pairs`` of a room and a person in which the person has a seat in that room."""
    columns = (MembershipRow.room_id, MembershipRow.person_id)
    found = await session.execute(select(*columns).where(one_of_rows(columns, list(set(pairs))), _SEATED))
    return {(room_id, person_id) for room_id, person_id in found}
