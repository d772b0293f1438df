"""Buddies: who gives whom to whom, and that leaving ends it, once, under any interleaving."""

from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from tests.support.every_case import every_case
from tests.support.thorough import examples
from tests.unit.membership.builders import ADA, BEA, CARL, DORA, FACILITATOR, HOST, STEWARD, a_room
from tests.unit.membership.memory import House

from practio_chassis.context import Done
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import AssignBuddy, BuddyAssigned, Remove, RequestToJoin, Status, Withdraw
from practio_contracts.rooms import RoomStatus

PEOPLE = (ADA, BEA, CARL, DORA)


def a_house(*people: UUID) -> House:
    house = House.opened(a_room(len(PEOPLE)))
    for person in people or PEOPLE:
        house.send(RequestToJoin, person)
    return house


def assign(house: House, person: UUID, buddy: UUID | None, by: Any = HOST) -> Done | Refusal:
    return house.send(AssignBuddy, person, by=by, buddy_id=buddy)


def assigned(house: House) -> list[tuple[UUID, UUID | None]]:
    events = [each.message for each in house.published if isinstance(each.message, BuddyAssigned)]
    return [(each.person_id, each.buddy_id) for each in events]


def test_a_buddy_is_given_replaced_and_taken_back_each_said_once() -> None:
    house = a_house()
    for buddy, changed in ((BEA, True), (BEA, False), (CARL, True), (None, True), (None, False)):
        result = assign(house, ADA, buddy)
        assert isinstance(result, Done)
        assert (result.changed, result.state.model_dump()["buddy_id"]) == (changed, buddy)
    assert assigned(house) == [(ADA, BEA), (ADA, CARL), (ADA, None)]


@every_case(("by", "code"), [(HOST, None), (FACILITATOR, None), (STEWARD, None), (SYSTEM, None), (ADA, "not-allowed")])
def test_offices_give_buddies(by: Any, code: str | None) -> None:
    result = assign(a_house(), ADA, BEA, by)
    assert (result.code if isinstance(result, Refusal) else None) == code


def test_that_nobody_is_their_own_buddy_comes_before_the_room_and_the_right() -> None:
    house = a_house(ADA, BEA)
    results = [
        assign(house, ADA, ADA, by=BEA),
        house.send(AssignBuddy, ADA, by=HOST, buddy_id=ADA, room_id=uuid4()),
    ]
    assert [each.code for each in results if isinstance(each, Refusal)] == ["invalid", "invalid"]


def test_both_have_joined_and_are_two() -> None:
    house = a_house(ADA, BEA)
    cases = ((ADA, CARL), (CARL, ADA), (ADA, HOST), (ADA, ADA))
    results = [assign(house, person, buddy) for person, buddy in cases]
    assert [each.code for each in results if isinstance(each, Refusal)] == [
        *("not-a-member", "not-a-member", "not-a-member", "invalid")
    ]
    assert assigned(house) == []


@every_case("gone", [ADA, BEA])
@every_case("how", ["leave", "remove", "erase", "office", "cancel", "archive"])
def test_leaving_of_either_ends_it_once(gone: UUID, how: str) -> None:
    house = a_house()
    assign(house, ADA, BEA)
    match how:
        case "leave":
            house.send(Withdraw, gone)
        case "remove":
            house.send(Remove, gone, by=HOST, reason="x")
        case "erase":
            house.erase(gone)
            house.erase(gone)
        case "office":
            house.edit(facilitator_ids=[gone])
        case _:
            house.edit(status=RoomStatus.CANCELLED if how == "cancel" else RoomStatus.ARCHIVED)
    assert assigned(house) == [(ADA, BEA), (ADA, None)]
    assert house.memory.pairs[house.room.room_id] == {}


def test_everybody_whose_buddy_leaves_has_none_any_more() -> None:
    house = a_house()
    for person in (ADA, CARL):
        assign(house, person, BEA)
    assign(house, BEA, DORA)
    house.send(Withdraw, BEA)
    assert assigned(house)[3:] == [(ADA, None), (BEA, None), (CARL, None)]
    house.send(RequestToJoin, BEA)
    assert house.memory.pairs[house.room.room_id] == {}


STEPS = ("assign", "assign", "take back", "leave", "remove", "erase", "ask", "office")


@examples(15, thoroughly=100)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.integers(0, 3)), max_size=25))
def test_buddies_have_both_joined_and_every_change_is_said(steps: list[tuple[str, int, int]]) -> None:
    house = a_house()
    for name, one, other in steps:
        person = PEOPLE[one]
        match name:
            case "assign":
                assign(house, person, PEOPLE[other])
            case "take back":
                assign(house, person, None)
            case "leave":
                house.send(Withdraw, person)
            case "remove":
                house.send(Remove, person, by=HOST, reason="x")
            case "erase":
                house.erase(person)
            case "ask":
                house.send(RequestToJoin, person)
            case _:
                house.edit(facilitator_ids=[] if person in house.room.facilitator_ids else [person])
        pairs = house.memory.pairs.get(house.room.room_id, {})
        assert all(house.status(each) is Status.JOINED for pair in pairs.items() for each in pair)
        known: dict[UUID, UUID | None] = {}
        for about, buddy in assigned(house):
            assert known.get(about) != buddy, "said twice"
            known[about] = buddy
        assert {about: buddy for about, buddy in known.items() if buddy} == pairs
