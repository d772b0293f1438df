"""Quiet rooms, by the newest events about them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import MessageContext
from practio_chassis.database.reading import readable
from practio_chassis.database.sql import one_of
from practio_contracts.notifications import LetterStatus
from practio_contracts.rooms import Room, Sign
from practio_notifications.letters.kinds import ROOM_QUIET
from practio_notifications.letters.quiet_rooms import Quiet
from practio_notifications.store.projections import Projections
from practio_notifications.tables import CAUSE_DATA, CareRow, LetterRow


async def keep_quiet(
    session: AsyncSession, room_id: UUID, signs: Iterable[Sign], *, since: datetime | None, at: datetime, now: datetime
) -> None:
    """Keep the signs of a room that were published ``at`` this time, unless newer ones are known; none: it is awake."""
    kept = [sign.value for sign in signs]
    values = {"signs": kept, "since": since, "published_at": at, "next_at": now if kept else None}
    written = insert(CareRow).values(room_id=room_id, **values)
    await session.execute(
        written.on_conflict_do_update(index_elements=[CareRow.room_id], set_=values, where=CareRow.published_at <= at)
    )


async def end_quiet(session: AsyncSession, room_id: UUID, *, at: datetime) -> None:
    """Forget the signs of a room that is open no longer, if it was so ``at`` this time."""
    known = (CareRow.room_id == room_id, CareRow.published_at <= at)
    await session.execute(update(CareRow).where(*known).values(signs=[], since=None, published_at=at, next_at=None))


async def quiet_rooms(session: AsyncSession, room_ids: Iterable[UUID], unread: set[UUID]) -> Mapping[UUID, Quiet]:
    """Return those of ``room_ids`` that are quiet; those whose signs this release cannot read join ``unread``."""
    wanted = set(room_ids)
    if not wanted:
        return {}
    rows = await session.scalars(select(CareRow).where(one_of(CareRow.room_id, wanted), CareRow.since.is_not(None)))
    return readable({row.room_id: row for row in rows}, quiet_of, unread, table="room_care")


async def signs_read(context: MessageContext[Projections], room: Room, *, since: datetime) -> frozenset[Sign]:
    """Return the signs of a room of which its host was written to since then, or is about to be."""
    letters = (
        LetterRow.room_id == room.room_id,
        LetterRow.created_at >= since,
        LetterRow.kind == ROOM_QUIET.name,
        LetterRow.person_id == room.host_id,
        LetterRow.status != LetterStatus.SKIPPED,
    )
    causes = [*await context.session.scalars(select(LetterRow.cause_data).where(*letters))]
    queued = [each for each in context.loaded.queued if each["room_id"] == room.room_id]
    to_host = [each for each in queued if (each["kind"], each["person_id"]) == (ROOM_QUIET.name, room.host_id)]
    causes += [each[CAUSE_DATA] for each in to_host]
    seen = {each for data in causes if data for each in data["signs"]}
    return frozenset(sign for sign in Sign if sign.value in seen)


def quiet_of(row: CareRow) -> Quiet:
    """Return what is known of a quiet room."""
    assert row.since is not None
    return Quiet(tuple(Sign(each) for each in row.signs), row.since)


async def rooms_to_care_for(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[CareRow]:
    """Lock up to ``limit`` quiet rooms whose stewards are to be thought of, passing over those that others hold."""
    due = select(CareRow).where(CareRow.next_at <= now).order_by(CareRow.next_at).limit(limit)
    return (await session.scalars(due.with_for_update(skip_locked=True))).all()
