"""Nobody gets more letters about a session than services/notifications/README.md states, in a year of weekly ones."""

import re
from functools import cache
from pathlib import Path
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.notifications.a_year import (
    BY_THEMSELVES,
    PEOPLE,
    WEEKS,
    WITHOUT,
    Year,
    a_year,
    letters_of,
    most_a_session,
)
from tests.unit.notifications.builders import HOST, MEMBER

README = Path(__file__).parents[3] / "services/notifications/README.md"
ROW = re.compile(r"^\| (?P<who>[a-z ]+) \|[^|]*\| (?P<most>\d+) \|$", re.MULTILINE)
HELD = WEEKS - 1
"""One of the sessions is called off."""


@cache
def the_year() -> Year:
    return a_year()


def documented() -> dict[str, int]:
    """Return the most letters a session, by who gets them, as the README has them."""
    part = README.read_text(encoding="utf-8").partition("## Letters a session")[2].partition("\n## ")[0]
    return {found["who"]: int(found["most"]) for found in ROW.finditer(part)}


def test_the_readme_states_a_number_for_everybody() -> None:
    assert documented().keys() == set(PEOPLE.values())


@every_case("person_id", PEOPLE, ids=lambda person_id: PEOPLE[person_id])
def test_nobody_gets_more_letters_a_session_than_that(person_id: UUID) -> None:
    assert most_a_session(the_year(), person_id) == documented()[PEOPLE[person_id]]


def test_a_session_that_is_called_off_causes_none_by_itself() -> None:
    for kind, person_id in (("session-to-record", HOST), ("session-over", MEMBER), ("session-reminder", MEMBER)):
        assert letters_of(the_year(), person_id, kind) == HELD


def test_a_series_that_goes_on_is_a_letter_only_to_who_wants_no_reminders_and_seldom() -> None:
    announced = {who: letters_of(the_year(), person_id, "session-scheduled") for person_id, who in PEOPLE.items()}
    assert announced["member"] == announced["facilitator"] == 1
    assert 1 < letters_of(the_year(), WITHOUT, "session-scheduled") <= 1 + WEEKS // 9 + 1


def test_in_a_year_a_member_gets_two_letters_a_session_and_one_for_each_thing_that_somebody_does() -> None:
    kinds = {kind for who, kind, _ in the_year().letters if who == MEMBER}
    done = {"session-scheduled": 1, "session-rescheduled": 1, "session-revised": 1, "session-cancelled": 1}
    words = {"announced": WEEKS // 4}
    assert {kind: letters_of(the_year(), MEMBER, kind) for kind in kinds - {*BY_THEMSELVES}} == done | words
