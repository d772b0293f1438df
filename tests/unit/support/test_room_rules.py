"""Broken rules of seats and waitlist are found; the walk on the running stack relies on that."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.support.clients.commands import Data
from tests.support.oracles import room_rules
from tests.support.oracles.observed_room import ObservedPerson, ObservedRoom, disagreements

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


def an_observed_room(*events: Data, capacity: int = 1, priorities: dict[str, int] | None = None) -> ObservedRoom:
    """Return the observed room in which these events were published, people in waitlist order."""
    by_person: dict[str, list[Data]] = {}
    for event in events:
        by_person.setdefault(event["data"]["membership"]["person_id"], []).append(event)
    last = {person: events[-1]["data"]["membership"] for person, events in by_person.items()}
    waitlist = [each for each, membership in last.items() if membership["status"] == "waitlisted"]
    entries = [
        {"membership": each, "priority": (priorities or {}).get(person, 0), "ahead": _place(person, waitlist)}
        for person, each in last.items()
        if each["status"] in LIVE
    ]
    statuses = [each["status"] for each in last.values()]
    counts = {status: statuses.count(status) for status in statuses}
    roster = {"counts": counts, "entries": entries, "viable": True} | _seats(counts, capacity)
    occupancies = {**_seats(counts, capacity), "waiting": len(waitlist), "pending": 0, "viable": True, "by_role": {}}
    people = {person: _person(events) for person, events in by_person.items()}
    occupancy = {"data": occupancies, "subject": "room", "sequence": "1"}
    return ObservedRoom(roster, people, {f"of {person}": events for person, events in by_person.items()}, [occupancy])


def _place(person: str, waitlist: list[str]) -> int | None:
    return waitlist.index(person) if person in waitlist else None


def _seats(counts: Data, capacity: int) -> Data:
    taken, held = counts.get("joined", 0), counts.get("offered", 0)
    return {"capacity": capacity, "seats_taken": taken, "seats_held": held, "over_capacity": 0}


def _person(events: list[Data]) -> ObservedPerson:
    statuses = [None, *(each["data"]["membership"]["status"] for each in events)]
    changes = [
        {"from": before, "to": now, "fact": event["type"].removeprefix("practio."), "message_id": event["causationid"]}
        for before, now, event in zip(statuses, statuses[1:], events, strict=False)
    ]
    explained = {"status": statuses[-1], "has_seat": statuses[-1] == "joined", "reasons": []}
    return ObservedPerson({"membership": events[-1]["data"]["membership"]}, changes, explained)


FULL = an_observed_room(JOINED["ada"], WAITS["bea"], WAITS["carl"])
WANTED_ROLES = dict.fromkeys(("of ada", "of bea", "of carl", "of new"), ("participant",))


def of_one(room: ObservedRoom) -> list[str]:
    checks: list[Callable[[ObservedRoom], Iterator[str]]] = [
        room_rules.oversold,
        room_rules.miscounted,
        room_rules.living_twice,
        room_rules.misnumbered,
        room_rules.broken_histories,
        room_rules.unexplained,
    ]
    return [each.__name__ for each in checks if list(each(room))]


def spoilt(room: ObservedRoom, person: str, **changes: Any) -> ObservedRoom:
    return replace(room, people={**room.people, person: replace(room.people[person], **changes)})


def test_a_correct_room_passes_every_check() -> None:
    later = an_observed_room(JOINED["ada"], LEFT, WAITS["bea"], OFFERED["bea"], WAITS["carl"])
    assert (of_one(FULL), of_one(later), disagreements(later)) == ([], [], [])
    assert not [*room_rules.out_of_order(FULL, later), *room_rules.passed_over(FULL, later, WANTED_ROLES)]


def test_two_people_on_one_seat_are_found() -> None:
    assert of_one(an_observed_room(JOINED["ada"], JOINED["bea"])) == ["oversold"]


def test_a_lowered_capacity_is_not_oversold() -> None:
    wide, narrow = (an_observed_room(JOINED["ada"], JOINED["bea"], capacity=seats) for seats in (2, 1))
    assert of_one(replace(narrow, occupancies=_numbered(wide, narrow))) == []


def _numbered(*observed: ObservedRoom) -> list[Data]:
    return [each.occupancies[0] | {"sequence": str(number)} for number, each in enumerate(observed, start=1)]


def test_a_second_live_membership_is_found() -> None:
    twice = [*FULL.entries, {**FULL.entries[0], "membership": FULL.entries[0]["membership"] | {"membership_id": "2"}}]
    assert "living_twice" in of_one(replace(FULL, roster=FULL.roster | {"entries": twice}))


@pytest.mark.parametrize("sequences", [("1", "3"), ("1", "1")])
def test_a_gap_and_a_double_in_the_numbers_are_found(sequences: tuple[str, str]) -> None:
    events = [event | {"sequence": number} for event, number in zip((JOINED["ada"], LEFT), sequences, strict=True)]
    assert "misnumbered" in of_one(replace(FULL, membership_events={**FULL.membership_events, "of ada": events}))


def test_a_history_with_a_gap_or_a_wrong_cause_is_found() -> None:
    room = an_observed_room(JOINED["ada"], LEFT)
    first, last = room.people["ada"].changes
    assert of_one(spoilt(room, "ada", changes=[last])) == ["broken_histories"]
    assert of_one(spoilt(room, "ada", changes=[first, last | {"message_id": "another"}])) == ["broken_histories"]


def test_a_free_seat_for_which_somebody_waits_is_found() -> None:
    explained = {"status": "waitlisted", "has_seat": False, "reasons": [{"code": "seat-freeing"}]}
    assert of_one(spoilt(FULL, "bea", explained=explained)) == ["unexplained"]


def test_two_people_who_changed_places_are_found_unless_one_was_prioritised() -> None:
    swapped = an_observed_room(JOINED["ada"], WAITS["carl"], WAITS["bea"])
    moved = an_observed_room(
        JOINED["ada"], WAITS["carl"], an_event("carl", 2, "waitlisted", "prioritised"), WAITS["bea"]
    )
    assert list(room_rules.out_of_order(FULL, swapped))
    assert not list(room_rules.out_of_order(FULL, moved))


def test_a_returning_person_before_others_is_found() -> None:
    pushed = an_observed_room(JOINED["ada"], WAITS["dora"], WAITS["bea"], WAITS["carl"])
    assert list(room_rules.out_of_order(FULL, pushed))


def test_a_newcomer_who_overtakes_is_found_unless_nobody_wanted_the_seat() -> None:
    passed = an_observed_room(JOINED["ada"], LEFT, WAITS["bea"], WAITS["carl"], JOINED["new"])
    assert len(list(room_rules.passed_over(FULL, passed, WANTED_ROLES))) == 2
    assert not list(room_rules.passed_over(FULL, passed, dict.fromkeys(WANTED_ROLES, ("coach",))))


def test_an_offer_to_the_second_on_the_waitlist_is_found() -> None:
    second = an_observed_room(JOINED["ada"], LEFT, WAITS["bea"], WAITS["carl"], OFFERED["carl"])
    assert list(room_rules.passed_over(FULL, second, WANTED_ROLES))


def test_events_and_answers_must_agree() -> None:
    unpublished = replace(FULL, membership_events={**FULL.membership_events, "of bea": [WAITS["bea"], OFFERED["bea"]]})
    assert len(disagreements(unpublished)) == 4
    assert disagreements(replace(FULL, roster=FULL.roster | {"seats_taken": 0}))
