"""Time zones as calendars read them: observances with a yearly rule, if the zone has one (RFC 5545, 3.6.5).

Classic Outlook knows a zone by its rules alone, and takes a list of dates (``RDATE``) for no summer time at all.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_YEARS = 10
"""For how many years a rule has to hold to be written as one."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Onset:
    """When a zone changes its offset, by the wall clock before it, and the offsets before and after it."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=512)
def time_zone_of(tzid: str, year: int) -> Timezone:
    """Return a zone for a session of this year: with rules, or with the dates of three years if it has none."""
    zone, first = ZoneInfo(tzid), year - 1
    onsets = tuple(_onsets(zone, first, first + _YEARS))
    rules = _rules(onsets)
    if rules is None:
        return Timezone.from_tzinfo(zone, tzid, date(first, 1, 1), date(year + 1, 12, 31))
    made = Timezone()
    made.add("TZID", tzid)
    for onset, rule in rules:
        observance = TimezoneDaylight() if onset.after > onset.before else TimezoneStandard()
        observance.TZOFFSETFROM, observance.TZOFFSETTO = onset.before, onset.after
        observance.add("TZNAME", onset.name)
        observance.DTSTART = onset.at
        observance.add("RRULE", rule)
        made.add_component(observance)
    return made


def _onsets(zone: ZoneInfo, first: int, end: int) -> Iterator[_Onset]:
    """Yield the changes of offset from the year ``first`` to before ``end``."""
    at, over = datetime(first, 1, 1, tzinfo=UTC), datetime(end, 1, 1, tzinfo=UTC)
    before = _offset(at, zone)
    while at < over:
        after = _offset(at + _DAY, zone)
        if before != after:
            instant = _change(at, zone)
            wall_clock = (instant + before).replace(tzinfo=None)
            yield _Onset(wall_clock, before, after, instant.astimezone(zone).tzname() or str(after))
        at, before = at + _DAY, after


def _change(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the second within the day from ``at`` on at which the offset changes."""
    low, high = 0, int(_DAY.total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(at + timedelta(seconds=middle), zone) == _offset(at, zone)
        low, high = (middle, high) if same else (low, middle)
    return at + timedelta(seconds=high)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _rules(onsets: Sequence[_Onset]) -> list[tuple[_Onset, dict[str, Any]]] | None:
    """Return the first onset into summer and winter time with its yearly rule; None unless all follow two rules."""
    groups = [onsets[start::2] for start in (0, 1)]
    if any(len(group) != _YEARS for group in groups):
        return None
    rules = [_rule(group) for group in groups]
    return [(group[0], rule) for group, rule in zip(groups, rules, strict=True) if rule] if all(rules) else None


def _rule(onsets: Sequence[_Onset]) -> dict[str, Any] | None:
    """Return the rule by which an onset comes once a year: on a weekday, the nth of its month or within seven days."""
    if len({(each.before, each.after, each.name, each.at.time(), each.at.month) for each in onsets}) != 1:
        return None
    if len({each.at.year for each in onsets}) != _YEARS:
        return None
    yearly: dict[str, Any] = {"FREQ": "YEARLY", "BYMONTH": onsets[0].at.month}
    days, weekdays = {each.at.day for each in onsets}, {each.at.weekday() for each in onsets}
    if len(days) == 1:
        return {**yearly, "BYMONTHDAY": days.pop()}
    if len(weekdays) != 1:
        return None
    weekday = _WEEKDAYS[weekdays.pop()]
    if all(each.at.day + 7 > monthrange(each.at.year, each.at.month)[1] for each in onsets):
        return {**yearly, "BYDAY": f"-1{weekday}"}
    if len(weeks := {(day - 1) // 7 for day in days}) == 1:
        return {**yearly, "BYDAY": f"{weeks.pop() + 1}{weekday}"}
    earliest = min(days)
    within = list(range(earliest, earliest + 7))
    return {**yearly, "BYDAY": weekday, "BYMONTHDAY": within} if days <= set(within) else None
