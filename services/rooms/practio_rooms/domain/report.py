"""A room's report: sessions held, people served, waiting times. Nobody is named.

PostgreSQL counts the memberships (``queries/timeline_figures.py``), since a large room has ten thousand of them. A
duration that would be about fewer than four people is omitted.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from practio_contracts.rooms import (
    MOST_MONTHS,
    FeedbackNumbers,
    GetReport,
    Hours,
    MonthNumbers,
    NoteKind,
    ReportResult,
    Room,
    SessionStatus,
)
from practio_rooms.domain.feedback import LOT, RatedSession

FEWEST = LOT
"""The fewest people that a duration may be about."""

Places = Mapping[int, int]
"""Numbers by the place in a list of instants: how many of these came first, from 0 to all of them."""


@dataclass(frozen=True, slots=True)
class TimelineFigures:
    """What is counted of the memberships of a room.

    ``came`` and ``left`` are those of the period, by month: the place among ``month_starts``. ``joins`` and ``leaves``
    are those of all times, by the place among the starts of the sessions held, of which each is strictly before.
    """

    people_served: int = 0
    decisions: Hours = field(default_factory=lambda: Hours(people=0))
    waiting: Hours = field(default_factory=lambda: Hours(people=0))
    came: Places = field(default_factory=dict)
    left: Places = field(default_factory=dict)
    joins: Places = field(default_factory=dict)
    leaves: Places = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Period:
    """The time from ``since`` on and before ``until`` (UTC)."""

    since: datetime
    until: datetime

    def holds(self, instant: datetime | None) -> bool:
        """Return whether an instant lies in the period."""
        return instant is not None and self.since <= instant < self.until


def period_of(room: Room, since: date | None, until: date | None, *, now: datetime) -> Period:
    """Return the period of whole days in the room's time zone, both included; it never extends past ``now``."""
    zone = zone_of(room)
    begins = _midnight(since, zone) if since else datetime.min.replace(tzinfo=UTC)
    ends = _midnight(until + timedelta(days=1), zone) if until and until < date.max else now
    return Period(begins, min(ends, now))


def month_window(room: Room, month: date) -> Period:
    """Return the month that begins with the day ``month``, by the room's clock."""
    following = (month + timedelta(days=32)).replace(day=1)
    return Period(_midnight(month, zone_of(room)), _midnight(following, zone_of(room)))


def zone_of(room: Room) -> ZoneInfo:
    """Return the zone by whose clock days and months of a room are counted."""
    return ZoneInfo(room.time_zone or "UTC")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    if day.year in (date.min.year, date.max.year):
        return datetime.combine(day, time(), UTC)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def was_held(session: RatedSession, period: Period, *, now: datetime) -> bool:
    """Return whether a session began in the period, is over, and was not called off."""
    takes_place = session.status is not SessionStatus.CANCELLED
    return takes_place and period.holds(session.starts_at) and session.ends_at <= now


def report(
    room: Room,
    query: GetReport,
    period: Period,
    *,
    held: Sequence[RatedSession],
    figures: TimelineFigures,
    notes: Mapping[NoteKind, int],
    feedback: FeedbackNumbers,
    attended: Sequence[int | None] = (),
) -> ReportResult:
    """Return the report of a room; ``held`` are the sessions that took place in the period, in their order.

    ``attended`` is how many people with a seat came to each of them, None where nobody recorded it.
    """
    recorded = [came for came in attended if came is not None]
    return ReportResult.model_validate(
        {
            "room_id": room.room_id,
            "from": query.since,
            "to": query.until,
            "sessions_held": len(held),
            "people_served": figures.people_served,
            "seats_used": sum(_seats_used(held, figures)),
            "capacity": room.capacity,
            "decisions": figures.decisions,
            "waiting": figures.waiting,
            "notes": {kind: notes.get(kind, 0) for kind in NoteKind},
            "feedback": feedback,
            "attended": sum(recorded) if recorded else None,
            "sessions_recorded": len(recorded),
            "months": _months(room, period, held, figures, attended or [None] * len(held)),
        }
    )


def month_starts(room: Room, period: Period) -> list[datetime]:
    """Return when each of the latest months of a period began by the room's clock, in their order."""
    return [_midnight(day, zone_of(room)) for day in _first_days(period, zone_of(room))]


def _first_days(period: Period, zone: ZoneInfo) -> list[date]:
    last = (period.until - timedelta(microseconds=1)).astimezone(zone)
    latest = last.year * 12 + last.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(max(12, latest - MOST_MONTHS + 1), latest + 1)]


def _months(
    room: Room,
    period: Period,
    held: Sequence[RatedSession],
    figures: TimelineFigures,
    attended: Sequence[int | None],
) -> list[MonthNumbers]:
    """Return the latest months of a period, from the first in which something happened."""
    days, starts = _first_days(period, zone_of(room)), month_starts(room, period)
    sessions, seats, recorded, present = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    for session, used, came in zip(held, _seats_used(held, figures), attended, strict=True):
        month = bisect_right(starts, session.starts_at)
        sessions[month] += 1
        seats[month] += used
        recorded[month] += came is not None
        present[month] += came or 0
    happened = [*figures.came, *figures.left, *sessions]
    if not happened:
        return []
    return [
        MonthNumbers(
            month=f"{days[month - 1]:%Y-%m}".zfill(7),
            sessions_held=sessions[month],
            seats_used=seats[month],
            came=figures.came.get(month, 0),
            left=figures.left.get(month, 0),
            attended=present[month] if recorded[month] else None,
            sessions_recorded=recorded[month],
        )
        for month in range(max(1, min(happened)), len(days) + 1)
    ]


def hours(people: int, median: float | None, p90: float | None) -> Hours:
    """Return a duration in hours, to one decimal; null if fewer than four people are behind it."""
    if people < FEWEST or median is None or p90 is None:
        return Hours(people=people)
    return Hours(people=people, median=round(median, 1), p90=round(p90, 1))


def _seats_used(held: Sequence[RatedSession], figures: TimelineFigures) -> list[int]:
    """Return, for each session, how many people were in the room when it began."""
    change = (figures.joins.get(place, 0) - figures.leaves.get(place, 0) for place in range(len(held)))
    return list(accumulate(change))
