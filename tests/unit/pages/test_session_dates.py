"""The dates that a preview shows: those of the rule, with changes of clocks marked."""

from datetime import UTC, date, datetime
from itertools import islice

from tests.support.every_case import every_case

from practio_contracts.rooms import Recurrence
from practio_pages.pages.session_dates import SHOWN, Repetition, first_on, instant, preview
from practio_rooms.domain import recurrence

ROME = "Europe/Rome"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@every_case(
    ("weekday", "expected"), [("", "2027-03-03"), ("WE", "2027-03-03"), ("TH", "2027-03-04"), ("TU", "2027-03-09")]
)
def test_a_series_begins_on_the_first_chosen_weekday(weekday: str, expected: str) -> None:
    assert first_on(date(2027, 3, 3), weekday) == date.fromisoformat(expected)


@every_case("zone", [ROME, "America/New_York", "Asia/Kolkata"])
@every_case("until", [None, date(2027, 5, 3)])
@every_case("weeks", [1, 2, 5])
def test_a_preview_shows_the_dates_that_the_services_will_plan(weeks: int, until: date | None, zone: str) -> None:
    first, repetition = local("2027-03-01T02:30"), Repetition(weeks, until)
    rule = recurrence.rule_of(Recurrence(rrule=repetition.rule), starts_at=first, time_zone=zone)
    assert isinstance(rule, recurrence.Rule)
    planned = [recurrence.instant(each, zone) for each in islice(rule.dates(), SHOWN + 1)]
    shown, has_more = preview(first, repetition, zone)
    assert [each.starts_at for each in shown] == planned[:SHOWN]
    assert has_more is (len(planned) > SHOWN)


def test_a_change_of_clocks_is_marked_at_the_first_date_after_it() -> None:
    shown, _ = preview(local("2027-03-15T18:00"), Repetition(1), ROME)
    assert [number for number, each in enumerate(shown) if each.after_change] == [2]
    assert [each.starts_at.hour for each in shown[:3]] == [17, 17, 16]


def test_a_time_that_clocks_leave_out_is_marked_and_begins_later() -> None:
    shown, _ = preview(local("2027-03-21T02:30"), Repetition(1), ROME)
    assert [each.is_skipped for each in shown[:3]] == [False, True, False]
    assert shown[1].starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC) == instant(local("2027-03-28T02:30"), ROME)


def test_a_single_session_is_one_date_and_a_series_ends_with_the_calendar() -> None:
    once, has_more = preview(local("2027-03-15T18:00"), None, ROME)
    assert (len(once), has_more) == (1, False)
    assert len(preview(local("2999-12-20T18:00"), Repetition(1), ROME)[0]) == 2
