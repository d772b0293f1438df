"""The dates of a session or a series, as they will be: by the wall clock of the room's zone. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""The days of the week as rules name them (RFC 5545, 3.3.10), from Monday."""

BEGINNING, END = date(1970, 1, 1), date(2999, 12, 31)
"""The first and the last day that a session may be planned for."""

SHOWN = 12
"""How many dates of a series a preview shows."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """A series: every so many ``weeks``, to the end of the day ``until`` (None: without end)."""

    weeks: int
    until: date | None = None

    @property
    def rule(self) -> str:
        """Return the rule as the services read it."""
        until = f";UNTIL={self.until:%Y%m%d}" if self.until else ""
        return f"FREQ=WEEKLY;INTERVAL={self.weeks}{until}"


@dataclass(frozen=True, slots=True)
class PreviewedDate:
    """A date that would be planned; ``after_change``: clocks change between the date before and this one.

    ``is_skipped``: clocks leave out the time of day that was chosen, so that the session begins later.
    """

    starts_at: datetime
    after_change: bool = False
    is_skipped: bool = False


def instant(local: datetime, zone: str) -> datetime:
    """Return the instant (UTC) of a wall-clock time; one that clocks leave out is moved forward by the gap."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def wall_clock(at: datetime, zone: str) -> datetime:
    """Return the wall-clock time in ``zone`` at an instant."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def first_on(day: date, weekday: str) -> date:
    """Return the first ``weekday`` from ``day`` on; ``day`` itself if no weekday is named."""
    if weekday not in WEEKDAYS:
        return day
    return day + timedelta(days=(WEEKDAYS.index(weekday) - day.weekday()) % len(WEEKDAYS))


def preview(first: datetime, repetition: Repetition | None, zone: str) -> tuple[list[PreviewedDate], bool]:
    """Return the first dates from ``first`` (wall clock of ``zone``) on, and whether there are more."""
    found = list(islice(_dates(first, repetition), SHOWN + 1))
    return list(marked(found[:SHOWN], zone)), len(found) > SHOWN


def marked(dates: list[datetime], zone: str) -> Iterator[PreviewedDate]:
    """Yield wall-clock times as instants, each marked if clocks change before it or leave it out."""
    before = None
    for local in dates:
        at = instant(local, zone)
        offset = at.astimezone(ZoneInfo(zone)).utcoffset()
        yield PreviewedDate(at, before not in (None, offset), wall_clock(at, zone) != local)
        before = offset


def _dates(first: datetime, repetition: Repetition | None) -> Iterator[datetime]:
    yield first
    if repetition is None:
        return
    step, latest = timedelta(weeks=repetition.weeks), first
    until = repetition.until or END
    while (latest + step).date() <= until:
        latest += step
        yield latest
