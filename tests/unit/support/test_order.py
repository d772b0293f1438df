"""The rules of seats and queue are seen to be broken; the walk on the running stack trusts that."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.support.clients.commands import Data
from tests.support.oracles import order
from tests.support.oracles.observed_room import Person, Sight, disagreements

LIVE = ("joined", "offered", "waitlisted")


def an_event(person: str, version: int, status: str, name: str, *, by: str = "host", **beyond: Any) -> Data:
    membership = {"membership_id": f"of {person}", "person_id": person, "status": status, "version": version, "by": by}
    data = {"membership": membership | {"role": "participant" if status in ("joined", "offered") else None}, **beyond}
    about = {"subject": f"of {person}", "sequence": str(version), "causationid": f"{person} {version}"}
    return {"type": f"practio.membership.{name}.v1", "data": data} | about


JOINED = {person: an_event(person, 1, "joined", "joined", how="open") for person in ("ada", "bea", "new")}
WAITS = {person: an_event(person, 1, "waitlisted", "waitlisted", ahead=0) for person in ("bea", "carl", "dora")}
OFFERED = {person: an_event(person, 2, "offered", "seat-offered", by="system") for person in ("bea", "carl")}
LEFT = an_event("ada", 2, "withdrawn", "withdrawn", from_status="joined")


def a_sight(*told: Data, capacity: int = 1, priorities: dict[str, int] | None = None) -> Sight:
    """Give the sight of a room in which this was told, first those who come first in the queue."""
    by_person: dict[str, list[Data]] = {}
    for event in told:
        by_person.setdefault(event["data"]["membership"]["person_id"], []).append(event)
    last = {person: events[-1]["data"]["membership"] for person, events in by_person.items()}
    line = [each for each, membership in last.items() if membership["status"] == "waitlisted"]
    entries = [
        {"membership": each, "priority": (priorities or {}).get(person, 0), "ahead": _place(person, line)}
        for person, each in last.items()
        if each["status"] in LIVE
    ]
    statuses = [each["status"] for each in last.values()]
    counts = {status: statuses.count(status) for status in statuses}
    roster = {"counts": counts, "entries": entries, "viable": True} | _seats(counts, capacity)
    filled = {**_seats(counts, capacity), "waiting": len(line), "pending": 0, "viable": True, "by_role": {}}
    people = {person: _person(events) for person, events in by_person.items()}
    occupancy = {"data": filled, "subject": "room", "sequence": "1"}
    return Sight(roster, people, {f"of {person}": events for person, events in by_person.items()}, [occupancy])


def _place(person: str, line: list[str]) -> int | None:
    return line.index(person) if person in line else None


def _seats(counts: Data, capacity: int) -> Data:
    taken, held = counts.get("joined", 0), counts.get("offered", 0)
    return {"capacity": capacity, "seats_taken": taken, "seats_held": held, "over_capacity": 0}


def _person(events: list[Data]) -> Person:
    statuses = [None, *(each["data"]["membership"]["status"] for each in events)]
    changes = [
        {"from": before, "to": now, "fact": event["type"].removeprefix("practio."), "message_id": event["causationid"]}
        for before, now, event in zip(statuses, statuses[1:], events, strict=False)
    ]
    explained = {"status": statuses[-1], "has_seat": statuses[-1] == "joined", "reasons": []}
    return Person({"membership": events[-1]["data"]["membership"]}, changes, explained)


FULL = a_sight(JOINED["ada"], WAITS["bea"], WAITS["carl"])
WISHED = dict.fromkeys(("of ada", "of bea", "of carl", "of new"), ("participant",))


def of_one(sight: Sight) -> list[str]:
    checks: list[Callable[[Sight], Iterator[str]]] = [
        order.oversold,
        order.miscounted,
        order.living_twice,
        order.misnumbered,
        order.broken_histories,
        order.unexplained,
    ]
    return [each.__name__ for each in checks if list(each(sight))]


def spoilt(sight: Sight, person: str, **changes: Any) -> Sight:
    return replace(sight, people={**sight.people, person: replace(sight.people[person], **changes)})


def test_a_room_where_all_is_well_passes_every_check() -> None:
    later = a_sight(JOINED["ada"], LEFT, WAITS["bea"], OFFERED["bea"], WAITS["carl"])
    assert (of_one(FULL), of_one(later), disagreements(later)) == ([], [], [])
    assert not [*order.out_of_order(FULL, later), *order.passed_over(FULL, later, WISHED)]


def test_two_people_on_one_seat_are_seen() -> None:
    assert of_one(a_sight(JOINED["ada"], JOINED["bea"])) == ["oversold"]


def test_a_lowered_capacity_is_no_oversold_room() -> None:
    wide, narrow = (a_sight(JOINED["ada"], JOINED["bea"], capacity=seats) for seats in (2, 1))
    assert of_one(replace(narrow, filled=_numbered(wide, narrow))) == []


def _numbered(*sights: Sight) -> list[Data]:
    return [each.filled[0] | {"sequence": str(number)} for number, each in enumerate(sights, start=1)]


def test_a_person_who_lives_twice_is_seen() -> None:
    twice = [*FULL.entries, {**FULL.entries[0], "membership": FULL.entries[0]["membership"] | {"membership_id": "2"}}]
    assert "living_twice" in of_one(replace(FULL, roster=FULL.roster | {"entries": twice}))


@pytest.mark.parametrize("sequences", [("1", "3"), ("1", "1")])
def test_a_hole_and_a_double_in_the_numbers_are_seen(sequences: tuple[str, str]) -> None:
    events = [event | {"sequence": number} for event, number in zip((JOINED["ada"], LEFT), sequences, strict=True)]
    assert "misnumbered" in of_one(replace(FULL, told={**FULL.told, "of ada": events}))


def test_a_history_with_a_hole_or_another_cause_is_seen() -> None:
    sight = a_sight(JOINED["ada"], LEFT)
    first, last = sight.people["ada"].changes
    assert of_one(spoilt(sight, "ada", changes=[last])) == ["broken_histories"]
    assert of_one(spoilt(sight, "ada", changes=[first, last | {"message_id": "another"}])) == ["broken_histories"]


def test_a_free_seat_beside_somebody_who_waits_for_it_is_seen() -> None:
    explained = {"status": "waitlisted", "has_seat": False, "reasons": [{"code": "seat-freeing"}]}
    assert of_one(spoilt(FULL, "bea", explained=explained)) == ["unexplained"]


def test_two_people_who_changed_places_are_seen_unless_one_was_moved() -> None:
    swapped = a_sight(JOINED["ada"], WAITS["carl"], WAITS["bea"])
    moved = a_sight(JOINED["ada"], WAITS["carl"], an_event("carl", 2, "waitlisted", "prioritised"), WAITS["bea"])
    assert list(order.out_of_order(FULL, swapped))
    assert not list(order.out_of_order(FULL, moved))


def test_who_comes_again_and_stands_before_others_is_seen() -> None:
    pushed = a_sight(JOINED["ada"], WAITS["dora"], WAITS["bea"], WAITS["carl"])
    assert list(order.out_of_order(FULL, pushed))


def test_a_newcomer_who_sits_past_who_waits_is_seen_unless_nobody_would_take_that_seat() -> None:
    passed = a_sight(JOINED["ada"], LEFT, WAITS["bea"], WAITS["carl"], JOINED["new"])
    assert len(list(order.passed_over(FULL, passed, WISHED))) == 2
    assert not list(order.passed_over(FULL, passed, dict.fromkeys(WISHED, ("coach",))))


def test_an_offer_to_the_second_in_line_is_seen() -> None:
    second = a_sight(JOINED["ada"], LEFT, WAITS["bea"], WAITS["carl"], OFFERED["carl"])
    assert list(order.passed_over(FULL, second, WISHED))


def test_what_was_told_and_what_is_answered_must_agree() -> None:
    untold = replace(FULL, told={**FULL.told, "of bea": [WAITS["bea"], OFFERED["bea"]]})
    assert len(disagreements(untold)) == 4
    assert disagreements(replace(FULL, roster=FULL.roster | {"seats_taken": 0}))
