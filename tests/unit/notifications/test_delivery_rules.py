"""Quiet hours, the hours of digests, and the effect of preferences on a letter that can wait."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.support.every_case import every_case

from practio_contracts.notifications import Preferences, QuietHours, RequestsDigest
from practio_notifications.letters.digests import Gather, Unwanted, Wait, digest_at, digest_id, disposition
from practio_notifications.letters.kinds import Category
from practio_notifications.letters.quiet_hours import leaves_at

ROME = ZoneInfo("Europe/Rome")


def quiet_from(start: str, end: str) -> QuietHours:
    return QuietHours.model_validate({"from": start, "to": end})


NIGHT = quiet_from("21:00", "08:00")

minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
quiet_hours = st.tuples(minutes, minutes).map(lambda hours: quiet_from(*hours))
zones = st.sampled_from(
    ["Europe/Rome", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
).map(ZoneInfo)
instants = st.integers(0, 700 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


def at(written: str) -> datetime:
    """Return an instant from Rome's wall clock."""
    return datetime.fromisoformat(written).replace(tzinfo=ROME).astimezone(UTC)


def preferences(**wanted: object) -> Preferences:
    return Preferences.model_validate({"person_id": UUID(int=1)} | wanted)


def is_quiet(instant: datetime, quiet: QuietHours, zone: ZoneInfo) -> bool:
    now, start, end = instant.astimezone(zone).time(), time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    return start <= now < end if start <= end else now >= start or now < end


@every_case(
    ("instant", "leaves"),
    [
        ("2026-03-02T20:59", "2026-03-02T20:59"),
        ("2026-03-02T21:00", "2026-03-03T08:00"),
        ("2026-03-03T02:30", "2026-03-03T08:00"),
        ("2026-03-03T08:00", "2026-03-03T08:00"),
        ("2026-03-28T23:00", "2026-03-29T08:00"),
        ("2026-10-24T23:00", "2026-10-25T08:00"),
    ],
)
def test_a_letter_that_can_wait_waits_for_the_reader_s_morning(instant: str, leaves: str) -> None:
    assert leaves_at(at(instant), NIGHT, ROME) == at(leaves)


def test_without_quiet_hours_or_with_empty_ones_everything_leaves_at_once() -> None:
    midnight = at("2026-03-03T00:00")
    assert leaves_at(midnight, None, ROME) == midnight
    assert leaves_at(midnight, quiet_from("00:00", "00:00"), ROME) == midnight


def test_quiet_hours_end_at_the_second_of_two_equal_clock_times() -> None:
    quiet = quiet_from("21:00", "02:30")
    again = datetime(2026, 10, 25, 2, 10, tzinfo=ROME, fold=1).astimezone(UTC)
    assert leaves_at(again, quiet, ROME) == again + timedelta(minutes=20)


@given(instants, quiet_hours, zones)
def test_a_letter_leaves_within_a_day_and_never_in_quiet_hours(
    instant: datetime, quiet: QuietHours, zone: ZoneInfo
) -> None:
    leaves = leaves_at(instant, quiet, zone)
    assert instant <= leaves <= instant + timedelta(hours=49 if zone.key == "Pacific/Apia" else 25)
    assert leaves_at(leaves, quiet, zone) == leaves
    if leaves == instant:
        assert not is_quiet(instant, quiet, zone)


@every_case(
    ("period", "now", "leaves"),
    [
        ("hourly", "2026-03-02T10:20", "2026-03-02T11:00"),
        ("hourly", "2026-03-02T20:20", "2026-03-03T08:00"),
        ("daily", "2026-03-02T07:59", "2026-03-02T08:00"),
        ("daily", "2026-03-02T08:00", "2026-03-03T08:00"),
        ("daily", "2026-03-28T12:00", "2026-03-29T08:00"),
        ("weekly", "2026-03-02T08:00", "2026-03-09T08:00"),
        ("weekly", "2026-03-05T12:00", "2026-03-09T08:00"),
    ],
)
def test_a_digest_has_its_hour(period: str, now: str, leaves: str) -> None:
    assert digest_at(at(now), RequestsDigest(period), preferences(), ROME) == at(leaves)


@given(instants, zones, quiet_hours, st.sampled_from(["hourly", "daily", "weekly"]))
def test_a_digest_leaves_after_its_letters_at_one_instant(
    now: datetime, zone: ZoneInfo, quiet: QuietHours, period: str
) -> None:
    wanted = preferences(quiet_hours=quiet.model_dump(by_alias=True))
    leaves = digest_at(now, RequestsDigest(period), wanted, zone)
    assert now < leaves <= now + timedelta(days=10)
    assert leaves_at(leaves, quiet, zone) == leaves


ROOM = uuid4()
NOON, NIGHTLY = at("2026-03-02T12:00"), at("2026-03-02T23:00")
MORNING = at("2026-03-03T08:00")


@every_case(
    ("category", "wanted", "now", "expected"),
    [
        ("transactional", {"muted_room_ids": [ROOM]}, NIGHTLY, None),
        ("digest", {}, NOON, None),
        ("digest", {}, NIGHTLY, Wait(MORNING)),
        ("digest", {"quiet_hours": None}, NIGHTLY, None),
        ("digest", {"requests_digest": "daily"}, NOON, Gather(MORNING)),
        ("digest", {"requests_digest": "off"}, NOON, Unwanted.CATEGORY_OFF),
        ("digest", {"muted_room_ids": [ROOM]}, NOON, Unwanted.ROOM_MUTED),
        ("digest", {"activity": "off", "reminders": False}, NOON, None),
        ("activity", {}, NOON, Gather(MORNING)),
        ("activity", {"activity": "at-once"}, NOON, None),
        ("activity", {"activity": "off"}, NOON, Unwanted.CATEGORY_OFF),
        ("reminder", {}, NOON, None),
        ("reminder", {}, NIGHTLY, Wait(MORNING)),
        ("reminder", {"reminders": False}, NOON, Unwanted.CATEGORY_OFF),
    ],
)
def test_preferences_decide_whether_and_when_a_letter_leaves(
    category: str, wanted: dict[str, object], now: datetime, expected: object
) -> None:
    assert disposition(Category(category), ROOM, preferences(**wanted), ROME, now) == expected


def test_a_digest_is_one_for_each_reader_category_and_hour() -> None:
    ids = {
        digest_id(UUID(int=person), category, hour)
        for person in (1, 2)
        for category in (Category.DIGEST, Category.ACTIVITY)
        for hour in (NOON, MORNING)
    }
    assert len(ids) == 8
    assert digest_id(UUID(int=1), Category.DIGEST, NOON) == digest_id(
        UUID(int=1), Category.DIGEST, NOON.astimezone(ROME)
    )
