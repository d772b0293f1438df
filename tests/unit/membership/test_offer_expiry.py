"""An offer's end, by its four rules, in any zone and at any time of the year."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.support.every_case import every_case

from practio_membership.domain.offer_expiry import offer_expiry

ROME = "Europe/Rome"
ZONES = [ROME, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "UTC"]

instants = st.integers(0, 8 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
windows = st.integers(1, 168)
zones = st.sampled_from(ZONES)
sessions = st.none() | st.integers(-600, 20_000)


def in_rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ROME))


def expiry(now: str, *, hours: int = 24, session: str | None = None) -> str:
    end = offer_expiry(
        in_rome(now), window_hours=hours, time_zone=ROME, next_session_at=in_rome(session) if session else None
    )
    return f"{end.astimezone(ZoneInfo(ROME)):%Y-%m-%d %H:%M}"


@every_case(
    ("now", "hours", "ends"),
    [
        ("2026-03-02 12:00", 24, "2026-03-03 12:00"),
        ("2026-03-02 22:30", 24, "2026-03-04 09:00"),
        ("2026-03-02 21:00", 24, "2026-03-04 09:00"),
        ("2026-03-02 20:59", 24, "2026-03-03 20:59"),
        ("2026-03-02 03:00", 24, "2026-03-03 09:00"),
        ("2026-03-02 08:00", 24, "2026-03-03 08:00"),
        ("2026-03-02 07:59", 1, "2026-03-02 08:59"),
        ("2026-03-28 22:00", 2, "2026-03-29 09:00"),
        ("2026-10-24 23:00", 4, "2026-10-25 09:00"),
    ],
)
def test_an_offer_that_would_end_at_night_ends_the_next_morning(now: str, hours: int, ends: str) -> None:
    assert expiry(now, hours=hours) == ends


@every_case(
    ("session", "ends"),
    [
        ("2026-03-02 18:00", "2026-03-02 17:00"),
        ("2026-03-02 13:31", "2026-03-02 12:31"),
        ("2026-03-02 13:30", "2026-03-03 12:00"),
        ("2026-03-03 12:00", "2026-03-03 12:00"),
        ("2026-03-04 18:00", "2026-03-03 12:00"),
        ("2026-03-01 18:00", "2026-03-03 12:00"),
    ],
)
def test_an_offer_ends_an_hour_before_a_session_that_comes_first(session: str, ends: str) -> None:
    assert expiry("2026-03-02 12:00", session=session) == ends


@given(now=instants, hours=windows, zone=zones, session=sessions)
def test_an_offer_lasts_at_least_half_an_hour_and_ends_in_utc(
    now: datetime, hours: int, zone: str, session: int | None
) -> None:
    session_at = None if session is None else now + timedelta(minutes=session)
    end = offer_expiry(now, window_hours=hours, time_zone=zone, next_session_at=session_at)
    assert end - now >= timedelta(minutes=30)
    assert end.tzinfo is UTC


@given(now=instants, hours=windows, zone=zones)
def test_without_a_session_an_offer_ends_by_day_and_less_than_13_hours_after_its_window(
    now: datetime, hours: int, zone: str
) -> None:
    end = offer_expiry(now, window_hours=hours, time_zone=zone, next_session_at=None)
    assert time(8) <= end.astimezone(ZoneInfo(zone)).time() < time(21)
    assert timedelta(0) <= end - now - timedelta(hours=hours) <= timedelta(hours=13)


@given(now=instants, hours=windows, zone=zones, minutes=st.integers(91, 20_000))
def test_an_offer_never_ends_less_than_an_hour_before_the_session_that_it_runs_into(
    now: datetime, hours: int, zone: str, minutes: int
) -> None:
    session_at = now + timedelta(minutes=minutes)
    end = offer_expiry(now, window_hours=hours, time_zone=zone, next_session_at=session_at)
    assert end <= session_at - timedelta(hours=1) or end == offer_expiry(
        now, window_hours=hours, time_zone=zone, next_session_at=None
    )


@given(now=instants, hours=windows, zone=zones, session=sessions)
def test_the_same_offer_made_from_another_zone_ends_at_the_same_instant(
    now: datetime, hours: int, zone: str, session: int | None
) -> None:
    session_at = None if session is None else now + timedelta(minutes=session)
    there = now.astimezone(ZoneInfo("Asia/Tokyo"))
    ends = [offer_expiry(at, window_hours=hours, time_zone=zone, next_session_at=session_at) for at in (now, there)]
    assert ends[0] == ends[1]


def test_a_room_without_a_time_zone_uses_utc() -> None:
    now = datetime(2026, 3, 2, 22, tzinfo=UTC)
    end = offer_expiry(now, window_hours=1, time_zone=None, next_session_at=None)
    assert end == datetime(2026, 3, 3, 9, tzinfo=UTC)
