"""Dates of series against dateutil itself, and wall clocks against zoneinfo."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil import tz
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule
from hypothesis import given
from hypothesis import strategies as st
from tests.support.every_case import every_case
from tests.support.thorough import examples

from practio_contracts.rooms import Recurrence
from practio_rooms.domain.recurrence import BadRule, Rule, instant, rule_of, wall_clock

ZONES = ["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"]
FREQUENCIES: dict[str, Literal[1, 2, 3]] = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY}
START = datetime.fromisoformat("2026-03-02T18:00")

zones = st.sampled_from(ZONES)
wall_clocks = st.integers(0, 18 * 365 * 24 * 60).map(lambda minutes: START - timedelta(days=2_000, minutes=-minutes))


def read(rrule: str, *, starts_at: datetime = START, time_zone: str = "Europe/Rome", **more: Any) -> Rule | BadRule:
    recurrence = Recurrence.model_validate({"rrule": rrule, **more})
    return rule_of(recurrence, starts_at=starts_at, time_zone=time_zone)


def dates(rrule: str, **fields: Any) -> list[datetime]:
    """Return the first dates of a rule, at most 40."""
    rule = read(rrule, **fields)
    assert isinstance(rule, Rule), rule
    return list(islice(rule.dates(), 40))


def days(rrule: str, **fields: Any) -> list[str]:
    return [each.date().isoformat() for each in dates(rrule, **fields)]


@given(
    st.sampled_from(sorted(FREQUENCIES)),
    st.integers(1, 20),
    st.integers(1, 39),
    wall_clocks,
    st.lists(st.integers(0, 60), max_size=5),
)
def test_dates_are_those_of_dateutil_without_the_exceptions(
    frequency: str, interval: int, count: int, starts_at: datetime, gaps: list[int]
) -> None:
    expected = list(rrule(FREQUENCIES[frequency], dtstart=starts_at, interval=interval, count=count))
    resting = {(starts_at + timedelta(days=gap)).date() for gap in gaps}
    left = [each for each in expected if each.date() not in resting]
    rule = read(
        f"FREQ={frequency};INTERVAL={interval};COUNT={count}",
        starts_at=starts_at,
        except_dates=[each.isoformat() for each in resting],
    )
    assert (list(rule.dates()) if isinstance(rule, Rule) else []) == left


@given(wall_clocks, st.integers(0, 300), st.integers(0, 300))
def test_a_window_holds_the_dates_after_its_begin_up_to_its_end(starts_at: datetime, begin: int, span: int) -> None:
    rule = Rule("FREQ=DAILY;INTERVAL=3", starts_at)
    after = starts_at + timedelta(days=begin)
    upto = after + timedelta(days=span)
    assert list(rule.dates(after=after, upto=upto)) == rrule(DAILY, dtstart=starts_at, interval=3).between(
        after + timedelta(seconds=1), upto, inc=True
    )


@given(wall_clocks, zones)
def test_a_wall_clock_is_read_as_dateutil_reads_it(local: datetime, zone: str) -> None:
    """``tz.resolve_imaginary`` moves what does not exist forward by the gap; fold 0 is the first of two."""
    assert instant(local, zone) == tz.resolve_imaginary(local.replace(tzinfo=tz.gettz(zone))).astimezone(UTC)


@given(wall_clocks, zones)
def test_a_clock_shows_the_time_that_was_planned_unless_it_does_not_exist(local: datetime, zone: str) -> None:
    shown = wall_clock(instant(local, zone), zone)
    gap = ZoneInfo(zone).utcoffset(local.replace(fold=0)) != ZoneInfo(zone).utcoffset(local.replace(fold=1))
    assert shown == local or (gap and shown > local)


@every_case(
    ("local", "zone", "expected"),
    [
        ("2026-03-29T02:30", "Europe/Rome", "2026-03-29T01:30"),
        ("2026-03-29T03:30", "Europe/Rome", "2026-03-29T01:30"),
        ("2026-10-25T02:30", "Europe/Rome", "2026-10-25T00:30"),
        ("2026-10-25T03:30", "Europe/Rome", "2026-10-25T02:30"),
        ("2026-03-08T02:30", "America/New_York", "2026-03-08T07:30"),
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"),
        ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:45"),
    ],
)
def test_a_time_that_a_clock_change_skips_or_repeats_is_one_instant(local: str, zone: str, expected: str) -> None:
    assert instant(datetime.fromisoformat(local), zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_series_keeps_its_time_of_day_across_daylight_saving() -> None:
    at = [instant(each, "Europe/Rome") for each in dates("FREQ=WEEKLY;COUNT=6")]
    assert [each.hour for each in at] == [17, 17, 17, 17, 16, 16]


@every_case(
    ("rrule", "starts_at", "expected"),
    [
        ("FREQ=MONTHLY;COUNT=4", "2026-01-31", ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "2028-01-31", ["2028-01-31", "2028-02-29", "2028-03-31"]),
        ("FREQ=MONTHLY;INTERVAL=12;COUNT=2", "2028-02-29", ["2028-02-29", "2032-02-29"]),
        ("FREQ=MONTHLY;BYDAY=2TH;COUNT=2", "2026-03-01", ["2026-03-12", "2026-04-09"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", "2026-05-01", ["2026-05-29", "2026-06-30"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=2", "2026-01-01", ["2026-02-13", "2026-03-13"]),
        ("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3", "2026-03-04", ["2026-03-05", "2026-03-10", "2026-03-12"]),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU;COUNT=4", "1997-08-05",
         ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]),
        ("FREQ=DAILY;BYMONTH=07,8;COUNT=2", "2026-03-02", ["2026-07-01", "2026-07-02"]),
        ("RRULE:freq=daily;until=20260304", "2026-03-02", ["2026-03-02", "2026-03-03", "2026-03-04"]),
        ("FREQ=DAILY;UNTIL=20260304T170000Z", "2026-03-02", ["2026-03-02", "2026-03-03", "2026-03-04"]),
        ("FREQ=DAILY;UNTIL=20260304T165959Z", "2026-03-02", ["2026-03-02", "2026-03-03"]),
        ("FREQ=DAILY;UNTIL=20260304T180000", "2026-03-02", ["2026-03-02", "2026-03-03", "2026-03-04"]),
    ],
)  # fmt: skip
def test_rules_give_the_dates_of_rfc_5545(rrule: str, starts_at: str, expected: list[str]) -> None:
    first = datetime.combine(date.fromisoformat(starts_at), time(18))
    assert days(rrule, starts_at=first) == expected


@every_case(
    "rrule",
    [
        "weekly", "FREQ=", "COUNT=3", "FREQ=HOURLY", "FREQ=YEARLY", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;",
        "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20261301", "FREQ=DAILY;UNTIL=tomorrow", "FREQ=DAILY;UNTIL=20260301", "FREQ=DAILY;BYHOUR=9",
        "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=DAILY;BYDAY=MO;BYSETPOS=1", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;X=1",
        "FREQ=DAILY\nRDATE:20260401T180000", "FREQ=DAILY;COUNT=３",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=9",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=31",
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_followed_is_bad(rrule: str) -> None:
    assert isinstance(read(rrule), BadRule)


def test_a_rule_whose_dates_all_rest_is_bad() -> None:
    assert isinstance(read("FREQ=DAILY;COUNT=2", except_dates=["2026-03-02", "2026-03-03"]), BadRule)


RULE_LIKE = st.from_regex(r"(FREQ|COUNT|UNTIL|BYDAY|BYMONTH|INTERVAL)=[0-9A-Z,+-]{0,9}(;[A-Z]+=\w*){0,3}")


@examples(15, thoroughly=50)
@given(wall_clocks, st.integers(1, 364), st.integers(0, 28 * 365))
def test_a_rule_that_meets_within_28_years_is_not_bad(day: datetime, interval: int, ahead: int) -> None:
    parts = f"BYMONTH={day.month};BYMONTHDAY={day.day};BYDAY={day:%a}"[:-1]
    starts_at = day - timedelta(days=ahead // interval * interval)
    rule = read(f"FREQ=DAILY;INTERVAL={interval};{parts}", starts_at=starts_at)
    assert isinstance(rule, Rule)
    assert next(rule.dates()) <= day


@examples(15, thoroughly=100)
@given(st.text(max_size=60) | RULE_LIKE)
def test_any_text_is_a_rule_or_a_bad_rule(text: str) -> None:
    if text.strip():
        rule = rule_of(Recurrence.model_construct(rrule=text), starts_at=START, time_zone="Europe/Rome")
        assert isinstance(rule, BadRule) or next(rule.dates())
