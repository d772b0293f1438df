"""What happened in rooms in a month: read once, when the month is fixed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.reading import readable
from practio_contracts.rooms import ReportedNumbers, Room
from practio_rooms.domain.feedback import numbers
from practio_rooms.domain.lots import InRoom, LotScope, MonthInRoom, month_after, month_before
from practio_rooms.domain.report import month_window
from practio_rooms.tables import MonthFixedRow, RoomMonthRow, RoomRow

_INSTANT = DateTime(timezone=True)
_WINDOWS = "unnest(:rooms, :sinces, :untils) AS w (room_id, since, until)"
_HELD = "s.starts_at < w.until AND s.ends_at <= now() AND s.status = 'scheduled'"
_WINDOW_PARAMETERS = (
    bindparam("rooms", type_=ARRAY(Uuid)),
    bindparam("sinces", type_=ARRAY(_INSTANT)),
    bindparam("untils", type_=ARRAY(_INSTANT)),
)


def _of_windows(statement: str) -> Any:
    return text(statement).bindparams(*_WINDOW_PARAMETERS)


_HERE = _of_windows(f"""
    SELECT DISTINCT p.room_id, p.person_id FROM {_WINDOWS} JOIN passage AS p ON p.room_id = w.room_id
    WHERE p.joined_at < w.until AND (p.left_at IS NULL OR p.left_at > w.since)""")
_WAITED = _of_windows(f"""
    SELECT DISTINCT p.room_id, p.person_id FROM {_WINDOWS} JOIN passage AS p ON p.room_id = w.room_id
    WHERE p.waitlisted_at IS NOT NULL AND least(p.offered_at, p.joined_at) >= w.since
        AND least(p.offered_at, p.joined_at) < w.until""")
_ATTENDED = _of_windows(f"""
    UPDATE attendance AS a SET counted = true FROM {_WINDOWS} JOIN session AS s ON s.room_id = w.room_id
    WHERE a.room_id = s.room_id AND a.session_id = s.session_id
        AND a.was_present AND a.has_seat AND NOT a.counted AND {_HELD}
    RETURNING a.room_id, a.person_id""")
_SESSIONS = _of_windows(f"""
    SELECT s.room_id, count(*) FROM {_WINDOWS} JOIN session AS s ON s.room_id = w.room_id
    WHERE s.starts_at >= w.since AND {_HELD} GROUP BY s.room_id""")
_NOTES = _of_windows(f"""
    SELECT n.room_id, count(*) FROM {_WINDOWS} JOIN note AS n ON n.room_id = w.room_id
    WHERE n.status = 'kept' AND NOT n.confidential AND n.recorded_at >= w.since AND n.recorded_at < w.until
    GROUP BY n.room_id""")
_RELEASED = _of_windows(f"""
    SELECT n.room_id, n.useful, count(*) FROM {_WINDOWS} JOIN feedback_number AS n ON n.room_id = w.room_id
        LEFT JOIN session AS s ON s.room_id = n.room_id AND s.session_id = n.session_id
    WHERE s.session_id IS NULL OR s.starts_at < w.until GROUP BY n.room_id, n.useful""")
_COUNTED_BEFORE = text("""
    SELECT DISTINCT ON (room_id) room_id, released FROM room_month
    WHERE room_id = ANY (:rooms) ORDER BY room_id, month DESC""").bindparams(_WINDOW_PARAMETERS[0])
_TO_FIX = text("""
    SELECT room_id, snapshot FROM room
    WHERE room_id > :after AND published_at < :until
        AND (status IN ('published', 'closed') OR EXISTS (
            SELECT 1 FROM passage WHERE passage.room_id = room.room_id AND passage.left_at >= :since))
        AND NOT EXISTS (SELECT 1 FROM room_month WHERE room_month.room_id = room.room_id AND month = :month)
    ORDER BY room_id LIMIT :most""")
_END_LOTS_OF_OTHERS = text("""
    UPDATE lot SET last_month = :before
    WHERE kind = 'people' AND last_month IS NULL AND room_id IS NOT NULL AND room_id <> ALL (:unread) AND NOT EXISTS (
        SELECT 1 FROM room_month WHERE room_month.room_id = lot.room_id AND room_month.month = :month)""").bindparams(
    bindparam("unread", type_=ARRAY(Uuid))
)
_FORGET_MEMBERS = text("""
    DELETE FROM lot_person USING lot WHERE lot.lot_id = lot_person.lot_id AND lot.last_month IS NOT NULL""")
_MONTHS_OF_SPONSORS = text("""
    SELECT sponsor_id, count(*) AS rooms, sum(sessions_held) AS sessions_held, sum(notes) AS notes,
        ARRAY[sum(useful[1]), sum(useful[2]), sum(useful[3]), sum(useful[4]), sum(useful[5])] AS useful
    FROM room_month WHERE month = :month AND sponsor_id IS NOT NULL GROUP BY sponsor_id""")
_LOTS_OF_SPONSORS = text("""
    SELECT sponsor_id, sum(amount) FILTER (WHERE kind = 'people') AS people,
        sum(amount) FILTER (WHERE kind = 'attended') AS attended,
        sum(amount) FILTER (WHERE kind = 'waiting') AS waiting
    FROM lot WHERE sponsor_id IS NOT NULL AND (
        kind <> 'people' AND month = :month
        OR kind = 'people' AND month <= :month AND (last_month IS NULL OR last_month >= :month))
    GROUP BY sponsor_id""")
_HERE_OF_SPONSORS = text("""
    SELECT DISTINCT lp.room_id, lp.person_id FROM lot
        JOIN lot_person AS lp ON lp.lot_id = lot.lot_id
        JOIN room_month AS m ON m.room_id = lp.room_id AND m.sponsor_id = lot.sponsor_id AND m.month = :month
        JOIN passage AS p ON p.room_id = lp.room_id AND p.person_id = lp.person_id
    WHERE lot.kind = 'people' AND lot.last_month IS NULL AND lot.room_id IS NULL
        AND p.joined_at < :until AND (p.left_at IS NULL OR p.left_at > :since)""")


@dataclass(slots=True)
class MonthOfRoom:
    """What is new of a room in a month; ``released`` are all ratings until now, and until the month before."""

    happened: MonthInRoom
    sessions_held: int = 0
    notes: int = 0
    released: Sequence[int] = (0,) * 5
    released_before: Sequence[int] = (0,) * 5

    @property
    def useful(self) -> list[int]:
        """Return the ratings that are new: how many of each of 1 to 5."""
        return [max(0, now - before) for now, before in zip(self.released, self.released_before, strict=True)]


async def last_fixed(session: AsyncSession) -> date | None:
    """Return the last month that is fixed in all rooms."""
    return await session.scalar(select(func.max(MonthFixedRow.month)))


async def first_published(session: AsyncSession) -> datetime | None:
    """Return when the first room was published."""
    return await session.scalar(select(func.min(RoomRow.published_at)))


async def rooms_to_fix(
    session: AsyncSession, month: date, *, after: UUID, most: int, unread: set[UUID]
) -> tuple[dict[UUID, Room], UUID | None]:
    """Return up to ``most`` rooms that were live in a month and for which it is not fixed, by id, from ``after`` on.

    Return the last of them, too, or None if there are no more. Those that this release cannot read join ``unread``.
    """
    since, until = _bounds(month)
    found = await session.execute(
        _TO_FIX, {"after": after, "until": until, "since": since, "month": month, "most": most}
    )
    snapshots = {row.room_id: row.snapshot for row in found}
    return readable(snapshots, Room.model_validate, unread, table="room"), max(snapshots, default=None)


async def months_of(session: AsyncSession, rooms: Mapping[UUID, Room], month: date) -> dict[UUID, MonthOfRoom]:
    """Return what is new of rooms in a month of their own clocks; what people attended counts from now on."""
    windows = {room_id: month_window(room, month) for room_id, room in rooms.items()}
    asked = {
        "rooms": list(windows),
        "sinces": [each.since for each in windows.values()],
        "untils": [each.until for each in windows.values()],
    }
    here = await _people(session, _HERE, asked)
    attended, waited = await _people(session, _ATTENDED, asked), await _people(session, _WAITED, asked)
    sessions = {row[0]: row[1] for row in await session.execute(_SESSIONS, asked)}
    notes = {row[0]: row[1] for row in await session.execute(_NOTES, asked)}
    released = await _released(session, asked)
    before = {row[0]: row[1] for row in await session.execute(_COUNTED_BEFORE, {"rooms": asked["rooms"]})}
    return {
        room_id: MonthOfRoom(
            MonthInRoom(
                LotScope(room_id, room.sponsor.sponsor_id, room.format or ""),
                frozenset(here[room_id]),
                Counter(attended[room_id]),
                Counter(waited[room_id]),
            ),
            sessions_held=sessions.get(room_id, 0),
            notes=notes.get(room_id, 0),
            released=released[room_id],
            released_before=before.get(room_id, [0] * 5),
        )
        for room_id, room in rooms.items()
    }


async def _people(session: AsyncSession, statement: Any, asked: Mapping[str, Any]) -> dict[UUID, list[InRoom]]:
    found: dict[UUID, list[InRoom]] = defaultdict(list)
    for room_id, person_id in await session.execute(statement, asked):
        found[room_id].append(InRoom(room_id, person_id))
    return found


async def _released(session: AsyncSession, asked: Mapping[str, Any]) -> dict[UUID, list[int]]:
    """Return how many of each rating are released in each room."""
    found = defaultdict[UUID, list[int]](lambda: [0] * 5)
    for room_id, useful, people in await session.execute(_RELEASED, asked):
        found[room_id][useful - 1] = people
    return found


async def save_months(session: AsyncSession, months: Mapping[UUID, MonthOfRoom], month: date) -> None:
    """Save the numbers of rooms for a month."""
    rows = [
        {
            "room_id": room_id,
            "month": month,
            "sponsor_id": each.happened.scope.sponsor_id,
            "format": each.happened.scope.format,
            "sessions_held": each.sessions_held,
            "notes": each.notes,
            "useful": each.useful,
            "released": list(each.released),
        }
        for room_id, each in months.items()
    ]
    if rows:
        await session.execute(insert(RoomMonthRow), rows)


async def here_of_sponsors(session: AsyncSession, month: date) -> frozenset[InRoom]:
    """Return those members of sponsors' open lots who were in its rooms in a month: others have left."""
    since, until = _bounds(month)
    found = await session.execute(_HERE_OF_SPONSORS, {"since": since, "until": until, "month": month})
    return frozenset(InRoom(row.room_id, row.person_id) for row in found)


async def reports_of_sponsors(session: AsyncSession, month: date) -> dict[UUID, ReportedNumbers]:
    """Return the numbers of each sponsor that had rooms in a month."""
    lots = {row.sponsor_id: row for row in await session.execute(_LOTS_OF_SPONSORS, {"month": month})}
    found = {}
    for row in await session.execute(_MONTHS_OF_SPONSORS, {"month": month}):
        people = lots.get(row.sponsor_id)
        found[row.sponsor_id] = ReportedNumbers(
            rooms=row.rooms,
            sessions_held=row.sessions_held,
            notes=row.notes,
            people=people and people.people,
            attended=people and people.attended,
            waiting=people and people.waiting,
            feedback=numbers(dict(enumerate(row.useful, 1))),
        )
    return found


async def finish(session: AsyncSession, month: date, now: datetime, *, unread: Collection[UUID]) -> None:
    """End the lots of rooms that were not live in a month any more, and show the month from now on.

    The lots of ``unread`` rooms, for which it is not fixed either, stay as they are.
    """
    before = month_before(month)
    await session.execute(_END_LOTS_OF_OTHERS, {"before": before, "month": month, "unread": list(unread)})
    await session.execute(_FORGET_MEMBERS)
    await session.execute(insert(MonthFixedRow).values(month=month, fixed_at=now))


def _bounds(month: date) -> Sequence[datetime]:
    return [datetime.combine(day, time(), UTC) for day in (month, month_after(month))]
