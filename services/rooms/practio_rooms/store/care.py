"""How rooms live, and the signs that they are quiet: read for a look, and written after it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_chassis.database.tables import chassis_tables_of
from practio_contracts.rooms import Room, RoomStatus, SessionStatus, Sign
from practio_rooms.domain.care import LOOKED_BACK_AT, TURNOUTS_FROM, Care, RoomLife, Turnout, next_look, rank
from practio_rooms.tables import (
    IS_PUBLISHED,
    AttendanceRow,
    CareRow,
    RoomRow,
    SessionRow,
    TimelineRow,
    metadata,
)

_LATER_STEPS = (
    TimelineRow.waitlisted_at,
    TimelineRow.offered_at,
    TimelineRow.joined_at,
    TimelineRow.declined_at,
    TimelineRow.left_at,
)
_IS_SCHEDULED = SessionRow.status == SessionStatus.SCHEDULED


@dataclass(slots=True)
class CareBatch:
    """The rooms of a batch that open, that are open no longer, and in which something happens."""

    opened: dict[UUID, bool] = field(default_factory=dict)
    touched: set[UUID] = field(default_factory=set)

    def note(self, before: str | None, room: Room) -> None:
        """Note whether a room opens, or ends to be open, as its status changes."""
        was_open, is_open = before == RoomStatus.PUBLISHED, room.status is RoomStatus.PUBLISHED
        if was_open is not is_open:
            self.opened[room.room_id] = is_open

    async def write(self, session: AsyncSession, now: datetime) -> None:
        """Begin and end to look after rooms; look soon at the quiet ones in which something happened."""
        if self.opened:
            await session.flush()
            await session.execute(delete(CareRow).where(one_of(CareRow.room_id, list(self.opened))))
        if opened := [room_id for room_id, is_open in self.opened.items() if is_open]:
            first = {"opened_at": now, "look_at": next_look(Care(), now)}
            await session.execute(insert(CareRow), [{"room_id": room_id, **first} for room_id in opened])
        if self.touched:
            quiet = (one_of(CareRow.room_id, self.touched), CareRow.rank > 0)
            await session.execute(update(CareRow).where(*quiet).values(look_at=now))
        self.opened.clear()
        self.touched.clear()


async def care_of(session: AsyncSession, room_id: UUID) -> tuple[Care, datetime] | None:
    """Return the published signs of a room and when it opened; None if it is not looked after."""
    row = (await session.execute(select(CareRow).where(CareRow.room_id == room_id))).scalar_one_or_none()
    if row is None:
        return None
    return Care(tuple(Sign(each) for each in row.signs), row.quiet_since), row.opened_at


async def save_care(session: AsyncSession, room_id: UUID, care: Care, now: datetime) -> None:
    """Write the signs of a room, and when it is looked at next."""
    values = {"signs": list(care.signs), "quiet_since": care.since, "rank": rank(care), "look_at": next_look(care, now)}
    await session.execute(update(CareRow).where(CareRow.room_id == room_id).values(values))


async def end_care(session: AsyncSession, room_id: UUID) -> None:
    """Look after a room no longer."""
    await session.execute(delete(CareRow).where(CareRow.room_id == room_id))


async def life_of(session: AsyncSession, room: Room, opened_at: datetime, *, pending: int, now: datetime) -> RoomLife:
    """Return how a room lives, from its sessions, attendance and requests; two statements, whatever its size."""
    of_room = SessionRow.room_id == room.room_id
    coming = exists().where(of_room, _IS_SCHEDULED, SessionRow.ends_at > now)
    since = room.published_at or opened_at
    last_held = select(func.max(SessionRow.ends_at)).where(
        of_room, _IS_SCHEDULED, SessionRow.ends_at <= now, SessionRow.starts_at >= since
    )
    waits = (TimelineRow.room_id == room.room_id, func.coalesce(*_LATER_STEPS).is_(None))
    earliest = now - timedelta(days=room.access.request_expires_after_days)
    oldest = select(func.min(TimelineRow.requested_at)).where(*waits, TimelineRow.requested_at > earliest)
    forgotten = chassis_tables_of(metadata).forgotten
    gone = exists().where(forgotten.c.person_id == room.host_id)
    found = (await session.execute(select(coming, last_held.scalar_subquery(), oldest.scalar_subquery(), gone))).one()
    return RoomLife(
        opened_at=opened_at,
        has_coming=found[0],
        last_held_at=found[1],
        turnouts=await _turnouts(session, room.room_id, since=max(opened_at, now - TURNOUTS_FROM)),
        oldest_request_at=found[2] if pending else None,
        is_without_host=found[3],
    )


async def _turnouts(session: AsyncSession, room_id: UUID, *, since: datetime) -> list[Turnout]:
    """Return how many came to the latest sessions with recorded attendance, newest first, of those since ``since``."""
    recorded = (AttendanceRow.room_id == room_id, AttendanceRow.session_id == SessionRow.session_id)
    came = (AttendanceRow.was_present, AttendanceRow.has_seat)
    stayed = or_(TimelineRow.left_at.is_(None), TimelineRow.left_at > SessionRow.starts_at)
    was_there = (TimelineRow.room_id == room_id, TimelineRow.joined_at < SessionRow.ends_at, stayed)
    present = select(func.count()).select_from(AttendanceRow).where(*recorded, *came)
    in_room = select(func.count()).select_from(TimelineRow).where(*was_there)
    latest = (
        select(present.correlate(SessionRow).scalar_subquery(), in_room.correlate(SessionRow).scalar_subquery())
        .where(SessionRow.room_id == room_id, _IS_SCHEDULED, SessionRow.starts_at >= since)
        .where(exists().where(*recorded).correlate(SessionRow))
        .order_by(SessionRow.starts_at.desc(), SessionRow.session_id)
        .limit(LOOKED_BACK_AT)
    )
    return [Turnout(row[0], row[1]) for row in await session.execute(latest)]


async def rooms_to_look_at(session: AsyncSession, now: datetime, *, most: int, again_at: datetime) -> Sequence[UUID]:
    """Return rooms whose look is due, the longest due first; if its command is lost, each is due ``again_at``."""
    due = select(CareRow.room_id).where(CareRow.look_at <= now).order_by(CareRow.look_at).limit(most)
    rooms = (await session.scalars(due)).all()
    if rooms:
        await session.execute(update(CareRow).where(one_of(CareRow.room_id, rooms)).values(look_at=again_at))
    return rooms


async def adopt_missed(session: AsyncSession, now: datetime, *, most: int) -> int:
    """Look after published rooms that are not, such as those that the release before published; return how many."""
    is_looked_after = exists().where(CareRow.room_id == RoomRow.room_id)
    found = await session.execute(
        select(RoomRow.room_id, RoomRow.published_at).where(IS_PUBLISHED, ~is_looked_after).limit(most)
    )
    rows = [{"room_id": row[0], "opened_at": row[1] or now, "look_at": now} for row in found]
    if rows:
        await session.execute(insert(CareRow).on_conflict_do_nothing(), rows)
    return len(rows)
