"""The line: who is offered a seat, who is passed over, and what becomes of an offer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.unit.membership.builders import ADA, BEA, CARL, DORA, HOST, NOW, a_room, a_standing, a_state_with
from tests.unit.membership.memory import House

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    AcceptOffer,
    ApproveRequest,
    DeclineOffer,
    Joined,
    OfferLapsed,
    RequestToJoin,
    SeatOffered,
    Status,
    Withdraw,
)
from practio_membership.domain import waitlist
from practio_membership.domain.room import RoomState

ROLES = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 2}]


def a_full_house(*waiting: UUID, **fields: Any) -> House:
    """Give a room of one seat, which Ada has, and those who wait for it."""
    house = House.opened(a_room(1, **fields))
    for person in (ADA, *waiting):
        house.send(RequestToJoin, person)
    return house


def statuses(house: House, *persons: UUID) -> list[Status | None]:
    return [house.status(person) for person in persons]


def test_a_seat_that_is_left_is_held_for_the_first_in_line() -> None:
    house = a_full_house(BEA, CARL)
    house.send(Withdraw, ADA)
    assert statuses(house, BEA, CARL) == [Status.OFFERED, Status.WAITLISTED]
    assert (house.state.taken, house.state.held) == (0, 1)


def test_a_seat_is_given_at_once_where_promotion_is_automatic() -> None:
    house = a_full_house(BEA, waitlist={"promotion": "automatic"})
    house.send(Withdraw, ADA)
    event = next(said.message for said in reversed(house.published) if isinstance(said.message, Joined))
    assert (event.how, event.membership.person_id, event.membership.by) == ("automatic", BEA, "system")


def test_a_seat_that_was_offered_taken_and_left_keeps_no_hold() -> None:
    house = a_full_house(BEA)
    house.send(Withdraw, ADA)
    house.send(AcceptOffer, BEA)
    house.send(Withdraw, BEA)
    assert (house.state.taken, house.state.held, house.state.waiting) == (0, 0, 0)


def test_who_declines_an_offer_leaves_the_line_and_the_next_is_offered_the_seat() -> None:
    house = a_full_house(BEA, CARL)
    house.send(Withdraw, ADA)
    house.send(DeclineOffer, BEA)
    assert statuses(house, BEA, CARL) == [Status.WITHDRAWN, Status.OFFERED]


def test_an_offer_that_is_over_ends_with_its_instant_and_goes_to_the_next() -> None:
    house = a_full_house(BEA, CARL)
    house.send(Withdraw, ADA)
    house.memory.now += timedelta(days=3)
    house.fire_timers()
    event = next(said.message for said in house.published if isinstance(said.message, OfferLapsed))
    assert event.membership.since == NOW + timedelta(hours=24)
    assert statuses(house, BEA, CARL) == [Status.LAPSED, Status.OFFERED]


def test_an_offer_that_is_over_cannot_be_accepted_before_or_after_its_timer() -> None:
    house = a_full_house(BEA)
    house.send(Withdraw, ADA)
    house.memory.now += timedelta(hours=24)
    for _ in range(2):
        refusal = house.send(AcceptOffer, BEA)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "offer-expired"
        house.fire_timers()


def test_who_is_requeued_goes_to_the_end_of_the_line() -> None:
    house = a_full_house(BEA, CARL, waitlist={"after_lapse": "requeue"})
    house.send(Withdraw, ADA)
    house.memory.now += timedelta(days=3)
    house.fire_timers()
    assert statuses(house, BEA, CARL) == [Status.WAITLISTED, Status.OFFERED]
    assert [each.snapshot.person_id for each in house.people if each.is_live] == [CARL, BEA]


def test_a_newcomer_never_gets_the_seat_that_is_freeing() -> None:
    for after_lapse in ("leave", "requeue"):
        house = a_full_house(BEA, CARL, waitlist={"after_lapse": after_lapse})
        house.send(Withdraw, ADA)
        house.memory.now += timedelta(days=3)
        house.send(RequestToJoin, DORA)
        assert statuses(house, CARL, DORA) == [Status.OFFERED, Status.WAITLISTED]


def test_approval_never_gives_the_seat_that_is_freeing() -> None:
    house = a_full_house(policy="approval")
    for person in (BEA, CARL, DORA):
        house.send(RequestToJoin, person)
    for person in (ADA, BEA, CARL):
        house.send(ApproveRequest, person, by=HOST)
    house.send(Withdraw, ADA)
    house.memory.now += timedelta(days=3)
    house.send(ApproveRequest, DORA, by=HOST)
    assert statuses(house, BEA, CARL, DORA) == [Status.LAPSED, Status.OFFERED, Status.WAITLISTED]


def test_who_commands_only_roles_that_are_full_is_passed_over_and_keeps_the_place() -> None:
    room = a_room(3, roles=ROLES)
    people = [
        a_standing(room, Status.JOINED, ADA, number=1),
        a_standing(room, Status.WAITLISTED, BEA, number=2, roles=["coach"]),
        a_standing(room, Status.WAITLISTED, CARL, number=3, roles=["coach", "coachee"]),
        a_standing(room, Status.WAITLISTED, DORA, number=4),
    ]
    changes = waitlist.fill(a_state_with(room, *people), people[1:], now=NOW)
    assert [(told.after.snapshot.person_id, told.after.snapshot.role) for told in changes.transitions] == [
        (CARL, "coachee"),
        (DORA, "coachee"),
    ]


def test_a_role_that_is_offered_counts_as_given() -> None:
    room = a_room(3, roles=ROLES)
    held = a_standing(room, Status.OFFERED, ADA, number=1)
    waits = a_standing(room, Status.WAITLISTED, BEA, number=2, roles=["coach"])
    assert waitlist.fill(a_state_with(room, held, waits), [waits], now=NOW).transitions == ()


def test_whose_offer_was_revoked_is_not_offered_a_seat_again_by_itself_and_holds_nobody_back() -> None:
    room = a_room(1)
    revoked = replace(a_standing(room, Status.WAITLISTED, ADA), set_aside=True)
    state = a_state_with(room, revoked)
    assert waitlist.fill(state, [revoked], now=NOW).transitions == ()
    assert not revoked.would_take("participant")


def test_people_of_higher_priority_come_first_then_who_asked_first() -> None:
    room = a_room()
    keys = [
        a_standing(room, Status.WAITLISTED, priority=priority, number=number).key
        for priority, number in [(0, 2), (5, 9), (0, 1), (-3, 0)]
    ]
    assert sorted(keys) == [(-5, 9), (0, 1), (0, 2), (3, 0)]


def test_no_seat_is_offered_in_a_room_without_waitlist_or_at_its_end() -> None:
    for changes in ({"waitlist": {"enabled": False}}, {"status": "cancelled"}, {"status": "archived"}):
        room = a_room(1, **changes)
        waits = a_standing(room, Status.WAITLISTED)
        assert waitlist.promotion(RoomState(room), waits, now=NOW) is None


def test_a_closed_room_goes_on_serving_those_in_line() -> None:
    house = a_full_house(BEA)
    house.edit(status="closed")
    house.send(Withdraw, ADA)
    assert house.status(BEA) is Status.OFFERED


def test_a_seat_is_offered_in_the_order_of_the_line_however_many_are_free() -> None:
    house = a_full_house(BEA, CARL, DORA)
    house.edit(capacity=3)
    offered = [said.message for said in house.published if isinstance(said.message, SeatOffered)]
    assert [event.membership.person_id for event in offered] == [BEA, CARL]
    assert house.status(DORA) is Status.WAITLISTED
