"""The dates of a series: RFC 5545 rules on the wall clock, read by python-dateutil."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from practio_contracts.rooms import Recurrence

_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY",
    "INTERVAL": r"[1-9]\d{0,3}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"[12]\d{7}(T\d{6}Z?)?",
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
    "BYDAY": r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)){0,34}",
    "BYMONTHDAY": r"[+-]?(0?[1-9]|[12]\d|3[01])(,[+-]?(0?[1-9]|[12]\d|3[01])){0,61}",
    "BYMONTH": r"(0?[1-9]|1[0-2])(,(0?[1-9]|1[0-2])){0,11}",
    "BYSETPOS": r"[+-]?(0?[1-9]|[12]\d|3[01])(,[+-]?(0?[1-9]|[12]\d|3[01])){0,30}",
}
"""The parts of a rule and how each is written (RFC 5545, 3.3.10); they allow at most one date a day."""

_CYCLE_START = 9944
"""The first year of the last 28-year cycle of the calendar that is followed by a whole cycle before the year 9999."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that gives at least one date; ``starts_at`` and ``UNTIL`` in ``text`` are on the same wall clock."""

    text: str
    starts_at: datetime
    except_dates: frozenset[date] = frozenset()

    def dates(self, *, after: datetime | None = None, upto: datetime | None = None) -> Iterator[datetime]:
        """Return the wall-clock times after ``after`` and not later than ``upto``, in order; None: no bound."""
        met = (each for each in _read(self.text, self.starts_at) if each.date() not in self.except_dates)
        bounded = met if upto is None else takewhile(lambda each: each <= upto, met)
        return (each for each in bounded if after is None or each > after)


@dataclass(frozen=True, slots=True)
class BadRule:
    """The reason why a rule cannot be followed."""

    detail: str


def instant(local: datetime, time_zone: str) -> datetime:
    """Return the instant (UTC) of a wall-clock time.

    A time that does not exist moves forward by the gap, one that occurs twice is the first (PEP 495, fold 0).
    """
    return local.replace(tzinfo=ZoneInfo(time_zone), fold=0).astimezone(UTC)


def wall_clock(at: datetime, time_zone: str) -> datetime:
    """Return the wall-clock time in ``time_zone`` at an instant."""
    return at.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None, fold=0)


def rule_of(recurrence: Recurrence, *, starts_at: datetime, time_zone: str) -> Rule | BadRule:
    """Parse a rule whose first date may be ``starts_at`` (wall clock of ``time_zone``); it must give a date."""
    parts = _parts(recurrence.rrule)
    if isinstance(parts, BadRule):
        return parts
    if fault := _fault(parts):
        return BadRule(fault)
    try:
        until = _until(parts.get("UNTIL"), time_zone)
        text = ";".join(f"{name}={value}" for name, value in (parts | until).items())
        if _has_no_dates(text, starts_at):
            return BadRule("the rule gives no date at all")
    except ValueError:
        return BadRule("the rule cannot be followed")
    rule = Rule(text, starts_at, frozenset(recurrence.except_dates))
    return rule if next(rule.dates(), None) else BadRule("the rule gives no date at all")


def _parts(text: str) -> dict[str, str] | BadRule:
    pairs = [pair.partition("=") for pair in text.upper().removeprefix("RRULE:").split(";")]
    parts = {name: value for name, _, value in pairs}
    if len(parts) < len(pairs):
        return BadRule("each part of a rule is given once")
    for name, value in parts.items():
        if name not in _PARTS or not re.fullmatch(_PARTS[name], value, re.ASCII):
            return BadRule(f"this part of a rule is unknown or malformed: {name[:20]}={value[:50]}")
    return parts


def _fault(parts: dict[str, str]) -> str | None:
    """Return why well-formed parts cannot be combined, or None."""
    frequency = parts.get("FREQ")
    if frequency is None:
        return "a rule states how often: FREQ is DAILY, WEEKLY or MONTHLY"
    if "COUNT" in parts and "UNTIL" in parts:
        return "a rule ends by COUNT or by UNTIL, not by both"
    if frequency != "MONTHLY" and re.search(r"\d", parts.get("BYDAY", "")):
        return "only FREQ=MONTHLY can name the Monday of the month"
    if frequency == "WEEKLY" and "BYMONTHDAY" in parts:
        return "BYMONTHDAY does not go with FREQ=WEEKLY"
    if "BYSETPOS" in parts and (frequency == "DAILY" or not parts.keys() & {"BYDAY", "BYMONTHDAY"}):
        return "BYSETPOS chooses among the days of BYDAY or BYMONTHDAY in a week or month"
    return None


def _until(value: str | None, time_zone: str) -> dict[str, str]:
    """Return UNTIL on the wall clock, including all of a named day; raise ValueError if no such time exists."""
    if value is None:
        return {}
    last = datetime.fromisoformat(value)
    if "T" not in value:
        last = datetime.combine(last, time(23, 59, 59))
    elif last.tzinfo:
        last = wall_clock(last, time_zone)
    return {"UNTIL": last.strftime("%Y%m%dT%H%M%S")}


def _has_no_dates(text: str, starts_at: datetime) -> bool:
    """Return whether no day fits the rule.

    For such a rule, dateutil searches all years up to 9999, which takes seconds. So the rule is tried in a year near
    that end with the same calendar. Calendars repeat every 28 years, except across most centuries.
    """
    same_calendar = starts_at.replace(year=_CYCLE_START + (starts_at.year - _CYCLE_START + 8000) % 28)
    endless = ";".join(part for part in text.split(";") if not part.startswith(("COUNT=", "UNTIL=")))
    return next(iter(_read(endless, same_calendar)), None) is None


def _read(text: str, starts_at: datetime) -> rrule:
    rule = rrulestr(text, dtstart=starts_at)
    assert isinstance(rule, rrule)
    return rule
