"""Time zones in calendar entries, read by a program that knows yearly rules and no lists of dates."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import tzical
from icalendar import Timezone
from tests.support.every_case import every_case
from tests.support.thorough import part

from practio_chassis.rendering.time_zones import time_zone_of

YEAR = 2026
RULED = [
    "Africa/Nairobi",
    "America/Havana",
    "America/Los_Angeles",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/Sao_Paulo",
    "Asia/Jerusalem",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Chisinau",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Rome",
    "Pacific/Auckland",
    "Pacific/Chatham",
]
WITHOUT_RULE = ["Africa/Casablanca", "Africa/Cairo"]


def as_text(zone: Timezone) -> str:
    written: bytes = zone.to_ical()
    return written.decode().replace("\r\n ", "").replace("\r\n", "\n")


def read_by_rules_alone(zone: Timezone) -> str:
    return "\n".join(line for line in as_text(zone).splitlines() if not line.startswith("RDATE"))


def misread(tzid: str, text: str, *, years: int = 2) -> list[datetime]:
    """Return the noons and midnights (UTC), around the year, of which a reader of ``text`` has another local time."""
    zone, read = ZoneInfo(tzid), tzical(StringIO(text)).get()
    instants = (datetime(YEAR, 1, 1, tzinfo=UTC) + timedelta(hours=12 * half) for half in range(365 * 2 * years))
    local = (instant.astimezone(zone).replace(tzinfo=None, fold=0) for instant in instants)
    return [each for each in local if each.replace(tzinfo=read).utcoffset() != each.replace(tzinfo=zone).utcoffset()]


@every_case("tzid", part(RULED, of=5, at=1))
def test_a_reader_of_rules_knows_the_time_around_the_year(tzid: str) -> None:
    assert misread(tzid, read_by_rules_alone(time_zone_of(tzid, YEAR))) == []


@every_case("tzid", WITHOUT_RULE)
def test_a_zone_without_a_yearly_rule_lists_its_dates(tzid: str) -> None:
    zone = time_zone_of(tzid, YEAR)
    assert "RRULE" not in as_text(zone)
    summer = datetime(YEAR, 7, 1, tzinfo=UTC).replace(tzinfo=None)
    assert zone.to_tz().utcoffset(summer) == ZoneInfo(tzid).utcoffset(summer)


def test_summer_time_is_the_later_clock_even_where_winter_is_the_exception_by_law() -> None:
    by_name = {str(each["TZNAME"]): each.name for each in time_zone_of("Europe/Dublin", YEAR).subcomponents}
    assert by_name == {"IST": "DAYLIGHT", "GMT": "STANDARD"}


@pytest.mark.thorough
@pytest.mark.timeout(240)
def test_every_zone_with_a_rule_is_read_by_it() -> None:
    zones = {tzid: time_zone_of(tzid, YEAR) for tzid in sorted(available_timezones() - {"localtime"})}
    ruled = {tzid: zone for tzid, zone in zones.items() if "RRULE" in as_text(zone)}
    assert len(ruled) > 150
    assert {tzid for tzid, zone in ruled.items() if misread(tzid, read_by_rules_alone(zone), years=1)} == set()
