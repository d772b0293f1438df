"""A room in numbers: what was held, how many were served, how long they waited. Nobody is named.

A span of time that would tell of fewer than four people is left out.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median, quantiles
from uuid import UUID
from zoneinfo import ZoneInfo

from practio_contracts.rooms import FeedbackNumbers, GetReport, Hours, NoteKind, ReportResult, Room, SessionStatus
from practio_rooms.domain.feedback import LOT, Meeting

FEWEST = LOT
"""How many people a figure must be about that would tell of one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One person's way through a room, by the events of their membership: UTC, None where nothing was heard."""

    person_id: UUID
    requested_at: datetime | None = None
    waitlisted_at: datetime | None = None
    offered_at: datetime | None = None
    joined_at: datetime | None = None
    declined_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def seated_at(self) -> datetime | None:
        """Give when a seat was first offered, or given."""
        return _earliest(self.offered_at, self.joined_at)

    @property
    def decided_at(self) -> datetime | None:
        """Give when a request was first answered, whichever way."""
        return _earliest(self.waitlisted_at, self.seated_at, self.declined_at)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` on, and before ``until`` (UTC)."""

    since: datetime
    until: datetime

    def holds(self, instant: datetime | None) -> bool:
        """Say whether an instant lies in the period."""
        return instant is not None and self.since <= instant < self.until


def period_of(room: Room, since: date | None, until: date | None, *, now: datetime) -> Period:
    """Give the period of whole days in the room's time zone, both included; what is to come is in none."""
    zone = ZoneInfo(room.time_zone or "UTC")
    begins = _midnight(since, zone) if since else datetime.min.replace(tzinfo=UTC)
    ends = _midnight(until + timedelta(days=1), zone) if until and until < date.max else now
    return Period(begins, min(ends, now))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    if day.year in (date.min.year, date.max.year):
        return datetime.combine(day, time(), UTC)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def was_held(meeting: Meeting, period: Period, *, now: datetime) -> bool:
    """Say whether a session began in the period, is over, and was not called off."""
    takes_place = meeting.status is not SessionStatus.CANCELLED
    return takes_place and period.holds(meeting.starts_at) and meeting.ends_at <= now


def report(
    room: Room,
    asked: GetReport,
    period: Period,
    *,
    held: Sequence[Meeting],
    passages: Sequence[Passage],
    notes: Mapping[NoteKind, int],
    feedback: FeedbackNumbers,
) -> ReportResult:
    """Work out the numbers of a room; ``held`` are the sessions that took place in the period."""
    return ReportResult.model_validate(
        {
            "room_id": room.room_id,
            "from": asked.since,
            "to": asked.until,
            "sessions_held": len(held),
            "people_served": len({each.person_id for each in passages if _was_in(each, period)}),
            "seats_used": _seats_used(held, passages),
            "capacity": room.capacity,
            "decisions": hours(
                (each.person_id, each.requested_at, each.decided_at)
                for each in passages
                if period.holds(each.decided_at)
            ),
            "waiting": hours(
                (each.person_id, each.waitlisted_at, each.seated_at)
                for each in passages
                if period.holds(each.seated_at)
            ),
            "notes": {kind: notes.get(kind, 0) for kind in NoteKind},
            "feedback": feedback,
        }
    )


Span = tuple[UUID, datetime | None, datetime | None]
"""Whose time it was, and from when to when; what has no beginning counts for nothing."""


def hours(spans: Iterable[Span]) -> Hours:
    """Give median and 90th percentile in hours, to one place; null where they would be of fewer than four people."""
    whole = [(person, begin, end) for person, begin, end in spans if begin and end]
    people = len({person for person, _, _ in whole})
    if people < FEWEST:
        return Hours(people=people)
    took = [max(0.0, (end - begin).total_seconds() / 3600) for _, begin, end in whole]
    highest = quantiles(took, n=10, method="inclusive")[-1]
    return Hours(people=people, median=round(median(took), 1), p90=round(highest, 1))


def _was_in(passage: Passage, period: Period) -> bool:
    joined, left = passage.joined_at, passage.left_at
    return joined is not None and joined < period.until and (left is None or left > period.since)


def _seats_used(held: Sequence[Meeting], passages: Sequence[Passage]) -> int:
    """Count, for each session, who had joined when it began and not left."""
    stays = [(each.joined_at, each.left_at) for each in passages if each.joined_at]
    joins = sorted(joined for joined, _ in stays)
    leaves = sorted(left for _, left in stays if left)
    return sum(bisect_right(joins, each.starts_at) - bisect_right(leaves, each.starts_at) for each in held)


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant), default=None)
