"""A room's report: sessions held, people served, waiting times. Nobody is named.

A duration that would be about fewer than four people is omitted.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median, quantiles
from typing import NamedTuple
from uuid import UUID
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
from practio_rooms.domain.feedback import LOT, SessionTimes

FEWEST = LOT
"""The fewest people that a duration may be about."""


class MembershipTimeline(NamedTuple):
    """One person's path through a room by the events of their membership: UTC, None if no event was received.

    A tuple, since a report makes one for each of the 10,000 people of a large room.
    """

    person_id: UUID
    requested_at: datetime | None = None
    waitlisted_at: datetime | None = None
    offered_at: datetime | None = None
    joined_at: datetime | None = None
    declined_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def seated_at(self) -> datetime | None:
        """Return when a seat was first offered or given."""
        if self.offered_at and self.joined_at:
            return min(self.offered_at, self.joined_at)
        return self.offered_at or self.joined_at

    @property
    def decided_at(self) -> datetime | None:
        """Return when a request was first answered, with a seat, a place on the waitlist or a decline."""
        return _earliest(self.waitlisted_at, self.seated_at, self.declined_at)


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
    zone = ZoneInfo(room.time_zone or "UTC")
    begins = _midnight(since, zone) if since else datetime.min.replace(tzinfo=UTC)
    ends = _midnight(until + timedelta(days=1), zone) if until and until < date.max else now
    return Period(begins, min(ends, now))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    if day.year in (date.min.year, date.max.year):
        return datetime.combine(day, time(), UTC)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def was_held(session: SessionTimes, period: Period, *, now: datetime) -> bool:
    """Return whether a session began in the period, is over, and was not called off."""
    takes_place = session.status is not SessionStatus.CANCELLED
    return takes_place and period.holds(session.starts_at) and session.ends_at <= now


def report(
    room: Room,
    query: GetReport,
    period: Period,
    *,
    held: Sequence[SessionTimes],
    timelines: Sequence[MembershipTimeline],
    notes: Mapping[NoteKind, int],
    feedback: FeedbackNumbers,
) -> ReportResult:
    """Return the report of a room; ``held`` are the sessions that took place in the period."""
    return ReportResult.model_validate(
        {
            "room_id": room.room_id,
            "from": query.since,
            "to": query.until,
            "sessions_held": len(held),
            "people_served": len({each.person_id for each in timelines if _was_in(each, period)}),
            "seats_used": sum(_seats_used(held, timelines)),
            "capacity": room.capacity,
            "decisions": hours(
                (each.person_id, each.requested_at, decided_at)
                for each in timelines
                if period.holds(decided_at := each.decided_at)
            ),
            "waiting": hours(
                (each.person_id, each.waitlisted_at, seated_at)
                for each in timelines
                if period.holds(seated_at := each.seated_at)
            ),
            "notes": {kind: notes.get(kind, 0) for kind in NoteKind},
            "feedback": feedback,
            "months": months(period, held, timelines, zone=ZoneInfo(room.time_zone or "UTC")),
        }
    )


def months(
    period: Period, held: Sequence[SessionTimes], timelines: Sequence[MembershipTimeline], *, zone: ZoneInfo
) -> list[MonthNumbers]:
    """Return the latest months of a period, from the first in which something happened."""

    def month_of(instant: datetime) -> int:
        local = instant.astimezone(zone)
        return local.year * 12 + local.month - 1

    came = Counter(month_of(each.joined_at) for each in timelines if each.joined_at and period.holds(each.joined_at))
    stays = [each for each in timelines if each.joined_at and each.left_at and period.holds(each.left_at)]
    left = Counter(month_of(each.left_at) for each in stays if each.left_at)
    sessions, seats = Counter[int](), Counter[int]()
    for session, used in zip(held, _seats_used(held, timelines), strict=True):
        sessions[month_of(session.starts_at)] += 1
        seats[month_of(session.starts_at)] += used
    happened = [*came, *left, *sessions]
    if not happened:
        return []
    last = month_of(period.until - timedelta(microseconds=1))
    return [
        MonthNumbers(
            month=f"{month // 12:04}-{month % 12 + 1:02}",
            sessions_held=sessions[month],
            seats_used=seats[month],
            came=came[month],
            left=left[month],
        )
        for month in range(max(min(happened), last - MOST_MONTHS + 1), last + 1)
    ]


Span = tuple[UUID, datetime | None, datetime | None]
"""A person and the begin and end of their time; without both it does not count."""


def hours(spans: Iterable[Span]) -> Hours:
    """Return median and 90th percentile in hours, to one decimal; null if fewer than four people are behind them."""
    whole = [(person, begin, end) for person, begin, end in spans if begin and end]
    people = len({person for person, _, _ in whole})
    if people < FEWEST:
        return Hours(people=people)
    took = [max(0.0, (end - begin).total_seconds() / 3600) for _, begin, end in whole]
    highest = quantiles(took, n=10, method="inclusive")[-1]
    return Hours(people=people, median=round(median(took), 1), p90=round(highest, 1))


def _was_in(timeline: MembershipTimeline, period: Period) -> bool:
    joined, left = timeline.joined_at, timeline.left_at
    return joined is not None and joined < period.until and (left is None or left > period.since)


def _seats_used(held: Sequence[SessionTimes], timelines: Sequence[MembershipTimeline]) -> list[int]:
    """Return, for each session, how many people were in the room when it began."""
    stays = [(each.joined_at, each.left_at) for each in timelines if each.joined_at]
    joins = sorted(joined for joined, _ in stays)
    leaves = sorted(left for _, left in stays if left)
    return [bisect_right(joins, each.starts_at) - bisect_right(leaves, each.starts_at) for each in held]


def _earliest(*instants: datetime | None) -> datetime | None:
    return min([instant for instant in instants if instant], default=None)
