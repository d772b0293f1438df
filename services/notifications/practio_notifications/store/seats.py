"""The people who have a seat in a room, or had one until it ended, and those who wait for one."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import among_rows, lists_of, one_of
from practio_contracts.membership import Status
from practio_notifications.tables import MembershipRow

SEATED = MembershipRow.was_joined & MembershipRow.status.in_(("joined", "ended"))
"""Written out as in the index ``standing_with_seat``: people who were in the room when it ended are notified of it."""

WAITING = MembershipRow.status.in_((Status.OFFERED.value, Status.WAITLISTED.value))


_KEY = ("room_id", "person_id")
_PAIRS = (MembershipRow.room_id, MembershipRow.person_id)
_IN_ROOMS = select(*_PAIRS).where(among_rows(_PAIRS, _KEY))
_SEATED_AMONG = _IN_ROOMS.where(SEATED)
_WAITING_AMONG = _IN_ROOMS.where(WAITING)


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
    found = await session.execute(_WAITING_AMONG, lists_of(_KEY, wanted))
    return {(room_id, person_id) for room_id, person_id in found}


async def seated_among(session: AsyncSession, pairs: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of ``pairs`` of a room and a person in which the person has a seat in that room."""
    wanted = set(pairs)
    if not wanted:
        return set()
    found = await session.execute(_SEATED_AMONG, lists_of(_KEY, wanted))
    return {(room_id, person_id) for room_id, person_id in found}
