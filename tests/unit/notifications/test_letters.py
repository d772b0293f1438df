"""From fact to letters: who is told, who is not, and once."""

from uuid import uuid4

import pytest
from tests.unit.notifications.builders import FACILITATOR, HOST, MEMBER, STEWARD, a_fact, a_membership, a_room

from practio_contracts.membership import (
    Declined,
    Ended,
    Joined,
    MembershipFact,
    OfferLapsed,
    Requested,
    SeatOffered,
    Status,
    Waitlisted,
    Withdrawn,
)
from practio_notifications.letters.writing import letters_from, way_id


def told(fact: MembershipFact, **room: object) -> list[tuple[str, object]]:
    """Give kind and reader of each letter."""
    return [(letter.kind.name, letter.person_id) for letter in letters_from(uuid4(), fact, a_room(**room))]


def test_a_request_is_confirmed_to_the_person_and_told_to_all_who_decide() -> None:
    assert told(a_fact(Requested)) == [
        ("requested", MEMBER),
        ("request-to-decide", HOST),
        ("request-to-decide", FACILITATOR),
        ("request-to-decide", STEWARD),
    ]


def test_somebody_with_two_offices_is_told_once() -> None:
    letters = told(a_fact(Requested), facilitator_ids=[HOST], steward_ids=[HOST])
    assert letters.count(("request-to-decide", HOST)) == 1


def test_who_decides_is_not_told_of_a_request_they_made_for_somebody() -> None:
    made_by_host = a_fact(Requested, a_membership(by=str(HOST)))
    assert ("request-to-decide", HOST) not in told(made_by_host)
    assert ("requested", MEMBER) in told(made_by_host)


@pytest.mark.parametrize(
    ("fact", "kind"),
    [
        (Joined, "joined"),
        (Waitlisted, "waitlisted"),
        (SeatOffered, "seat-offered"),
        (Declined, "declined"),
        (Withdrawn, "withdrawn"),
    ],
)
def test_what_happens_to_a_person_is_told_to_that_person_alone(fact: type[MembershipFact], kind: str) -> None:
    assert told(a_fact(fact)) == [(kind, MEMBER)]


@pytest.mark.parametrize("fact", [OfferLapsed, Ended])
def test_other_facts_send_no_letter_yet(fact: type[MembershipFact]) -> None:
    assert told(a_fact(fact, a_membership(Status.LAPSED))) == []


def test_the_same_fact_gives_the_same_letters() -> None:
    fact_id, fact, room = uuid4(), a_fact(Requested), a_room()
    assert letters_from(fact_id, fact, room) == letters_from(fact_id, fact, room)


def test_each_letter_of_a_fact_has_an_id_of_its_own() -> None:
    letters = letters_from(uuid4(), a_fact(Requested), a_room())
    assert len({letter.letter_id for letter in letters}) == 4


def test_another_fact_about_the_same_person_gives_other_letters() -> None:
    fact, room = a_fact(Requested), a_room()
    first, second = (letters_from(uuid4(), fact, room) for _ in range(2))
    assert {letter.letter_id for letter in first}.isdisjoint(letter.letter_id for letter in second)


def test_a_way_is_of_one_person_in_one_room() -> None:
    room_id, person_id = uuid4(), uuid4()
    assert way_id(room_id, person_id) == way_id(room_id, person_id) != way_id(person_id, room_id)
