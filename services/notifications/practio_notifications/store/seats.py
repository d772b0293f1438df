"""The people who have a seat in a room, or had one until it ended, and those who wait for one."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of, one_of_rows
from practio_contracts.membership import Status
from practio_notifications.tables import MembershipRow

SEATED = MembershipRow.was_joined & MembershipRow.status.in_(("joined", "ended"))
"""Written out as in the index ``standing_with_seat``: people who were in the room when it ended are notified of it."""

WAITING = MembershipRow.status.in_((Status.OFFERED.value, Status.WAITLISTED.value))


class HasStatus(Protocol):
    """A membership by its newest event: a row, or what a batch knows of it."""

    @property
    def status(self) -> str:
        """Return the newest status."""

    @property
    def was_joined(self) -> bool:
        """Return whether the person had a seat at some time."""


def waits_for_seat(row: HasStatus) -> bool:
    """Return whether a person has an offer, or is on the waitlist."""
    return row.status in (Status.OFFERED, Status.WAITLISTED)


def has_seat(row: HasStatus) -> bool:
    """Return whether a person has a seat, or had one when the room ended."""
    return row.was_joined and row.status in (Status.JOINED, Status.ENDED)


async def seats_of(session: AsyncSession, rooms: Iterable[UUID]) -> Sequence[MembershipRow]:
    """Return the memberships of the people who have a seat in one of ``rooms``."""
    wanted = set(rooms)
    if not wanted:
        return []
    return (await session.scalars(select(MembershipRow).where(one_of(MembershipRow.room_id, wanted), SEATED))).all()


async def waiting_among(session: AsyncSession, pairs: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of ``pairs`` of a room and a person in which the person waits for a seat in that room."""
    wanted = list(set(pairs))
    if not wanted:
        return set()
    columns = (MembershipRow.room_id, MembershipRow.person_id)
    found = await session.execute(select(*columns).where(one_of_rows(columns, wanted), WAITING))
    return {(room_id, person_id) for room_id, person_id in found}


async def seated_among(session: AsyncSession, pairs: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of ``pairs`` of a room and a person in which the person has a seat in that room."""
    columns = (MembershipRow.room_id, MembershipRow.person_id)
    found = await session.execute(select(*columns).where(one_of_rows(columns, list(set(pairs))), SEATED))
    return {(room_id, person_id) for room_id, person_id in found}
