"""Whether a published room has become quiet: each sign, and what is published of them."""

from datetime import timedelta
from typing import Any

from tests.support.every_case import every_case
from tests.support.seeds import a_chance
from tests.unit.rooms.builders import NOW, a_room

from practio_contracts.rooms import RoomAwake, RoomQuiet, Sign
from practio_rooms.domain.care import Care, RoomLife, Turnout, looked_after, next_look, rank, signs_of

DAY = timedelta(days=1)
FEW = Turnout(present=3, in_room=4)
ENOUGH = Turnout(present=4, in_room=6)


def signs(*, room: dict[str, Any] | None = None, **life: Any) -> list[str]:
    """Return the signs of a room that was opened yesterday, unless ``life`` states otherwise."""
    return list(signs_of(a_room(**room or {}), RoomLife(**{"opened_at": NOW - DAY} | life), NOW))


def test_a_room_that_was_just_opened_has_no_sign() -> None:
    assert signs() == []


@every_case(("days", "is_quiet"), [(6, False), (7, True)])
def test_a_room_has_a_week_to_plan_a_date(days: int, is_quiet: bool) -> None:
    assert ("no-coming-session" in signs(opened_at=NOW - days * DAY)) is is_quiet
    held: dict[str, Any] = {"opened_at": NOW - 50 * DAY, "last_held_at": NOW - days * DAY}
    assert ("no-coming-session" in signs(**held)) is is_quiet
    assert signs(has_coming=True, **held) == []


@every_case(("days", "is_quiet"), [(59, False), (60, True)])
def test_a_room_that_held_no_session_for_60_days_is_quiet_even_if_one_is_planned(days: int, is_quiet: bool) -> None:
    held: dict[str, Any] = {"opened_at": NOW - 300 * DAY, "last_held_at": NOW - days * DAY, "has_coming": True}
    assert (signs(**held) == ["none-held"]) is is_quiet
    assert (signs(opened_at=NOW - days * DAY, has_coming=True) == ["none-held"]) is is_quiet


def test_a_reopened_room_is_counted_from_its_reopening() -> None:
    assert signs(opened_at=NOW - DAY, last_held_at=NOW - 200 * DAY) == []


@every_case(
    ("turnouts", "is_quiet"),
    [
        ([FEW, FEW, FEW], True),
        ([FEW, FEW], False),
        ([FEW, FEW, ENOUGH], False),
        ([FEW, FEW, FEW, ENOUGH], True),
        ([Turnout(4, 9), Turnout(4, 9), Turnout(0, 0)], True),
        ([Turnout(4, 8), Turnout(4, 8), Turnout(4, 8)], False),
    ],
)
def test_few_come_if_each_of_three_sessions_lacked_people_for_the_format_or_half_of_the_room(
    turnouts: list[Turnout], is_quiet: bool
) -> None:
    assert (signs(turnouts=turnouts) == ["few-come"]) is is_quiet


def test_a_small_room_needs_no_more_people_than_it_seats() -> None:
    assert signs(room={"capacity": 2}, turnouts=[Turnout(2, 2)] * 3) == []


@every_case(("days", "is_quiet"), [(9, False), (10, True)])
def test_requests_that_wait_for_ten_days_are_a_sign(days: int, is_quiet: bool) -> None:
    assert (signs(oldest_request_at=NOW - days * DAY) == ["requests-unanswered"]) is is_quiet


@every_case(("lapse", "days", "is_quiet"), [(10, 4, False), (10, 5, True), (1, 0.5, True), (90, 9, False)])
def test_requests_that_lapse_soon_are_a_sign_after_half_of_their_time(lapse: int, days: float, is_quiet: bool) -> None:
    room = {"access": {"policy": "approval", "request_expires_after_days": lapse}}
    assert (signs(room=room, oldest_request_at=NOW - days * DAY) == ["requests-unanswered"]) is is_quiet


def test_a_room_without_a_host_needs_care_before_all_others() -> None:
    assert signs(is_without_host=True) == ["no-host"]
    others = Care((Sign.NO_COMING_SESSION, Sign.NONE_HELD, Sign.FEW_COME, Sign.REQUESTS_UNANSWERED), NOW)
    assert rank(Care((Sign.NO_HOST,), NOW)) > rank(others) > rank(Care((Sign.FEW_COME,), NOW)) > rank(Care()) == 0


def test_a_room_with_requests_is_looked_at_each_hour_and_others_each_day() -> None:
    assert next_look(Care(), NOW) == next_look(Care((Sign.NO_HOST,), NOW), NOW) == NOW + DAY
    assert next_look(Care((Sign.REQUESTS_UNANSWERED,), NOW), NOW) == NOW + timedelta(hours=1)


def test_quiet_is_published_once_a_sign_and_awake_once_whatever_comes_and_goes() -> None:
    chance = a_chance()
    room, care, now = a_room(), Care(), NOW
    present: set[Sign] = set()
    for _ in range(2000):
        now += timedelta(hours=chance.randint(1, 48))
        seen = tuple(sign for sign in Sign if chance.random() < 0.4)
        before_since = care.since
        care, event = looked_after(care, seen, room, now)
        assert care.signs == seen
        new, gone = set(seen) - present, present and not seen
        if new:
            assert event == RoomQuiet(room_id=room.room_id, signs=list(seen), since=before_since or now)
        elif gone:
            assert event == RoomAwake(room_id=room.room_id)
        else:
            assert event is None
        assert looked_after(care, seen, room, now + DAY) == (care, None)
        present = set(seen)
