"""The waitlist: who is offered a seat, who is skipped, and how an offer ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.unit.membership.builders import ADA, BEA, CARL, DORA, HOST, NOW, a_membership_state, a_room, a_state_with
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
    """Return a room of one seat, which Ada has, and the people who wait for it."""
    house = House.opened(a_room(1, **fields))
    for person in (ADA, *waiting):
        house.send(RequestToJoin, person)
    return house


def statuses(house: House, *persons: UUID) -> list[Status | None]:
    return [house.status(person) for person in persons]


def test_a_freed_seat_is_held_for_the_first_on_the_waitlist() -> None:
    house = a_full_house(BEA, CARL)
    house.send(Withdraw, ADA)
    assert statuses(house, BEA, CARL) == [Status.OFFERED, Status.WAITLISTED]
    assert (house.state.taken, house.state.held) == (0, 1)


def test_automatic_promotion_gives_a_seat_at_once() -> None:
    house = a_full_house(BEA, waitlist={"promotion": "automatic"})
    house.send(Withdraw, ADA)
    event = next(outgoing.message for outgoing in reversed(house.published) if isinstance(outgoing.message, Joined))
    assert (event.how, event.membership.person_id, event.membership.by) == ("automatic", BEA, "system")


def test_a_seat_that_was_offered_taken_and_left_is_no_longer_held() -> None:
    house = a_full_house(BEA)
    house.send(Withdraw, ADA)
    house.send(AcceptOffer, BEA)
    house.send(Withdraw, BEA)
    assert (house.state.taken, house.state.held, house.state.waiting) == (0, 0, 0)


def test_a_person_who_declines_leaves_the_waitlist_and_the_next_is_offered_the_seat() -> None:
    house = a_full_house(BEA, CARL)
    house.send(Withdraw, ADA)
    house.send(DeclineOffer, BEA)
    assert statuses(house, BEA, CARL) == [Status.WITHDRAWN, Status.OFFERED]


def test_an_expired_offer_lapses_at_its_instant_and_the_next_is_offered_the_seat() -> None:
    house = a_full_house(BEA, CARL)
    house.send(Withdraw, ADA)
    house.memory.now += timedelta(days=3)
    house.fire_timers()
    event = next(outgoing.message for outgoing in house.published if isinstance(outgoing.message, OfferLapsed))
    assert event.membership.since == NOW + timedelta(hours=24)
    assert statuses(house, BEA, CARL) == [Status.LAPSED, Status.OFFERED]


def test_an_expired_offer_cannot_be_accepted_before_or_after_its_timer() -> None:
    house = a_full_house(BEA)
    house.send(Withdraw, ADA)
    house.memory.now += timedelta(hours=24)
    for _ in range(2):
        refusal = house.send(AcceptOffer, BEA)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "offer-expired"
        house.fire_timers()


def test_a_requeued_person_goes_to_the_end_of_the_waitlist() -> None:
    house = a_full_house(BEA, CARL, waitlist={"after_lapse": "requeue"})
    house.send(Withdraw, ADA)
    house.memory.now += timedelta(days=3)
    house.fire_timers()
    assert statuses(house, BEA, CARL) == [Status.WAITLISTED, Status.OFFERED]
    assert [each.snapshot.person_id for each in house.people if each.is_live] == [CARL, BEA]


def test_a_newcomer_never_gets_a_seat_that_is_being_freed() -> None:
    for after_lapse in ("leave", "requeue"):
        house = a_full_house(BEA, CARL, waitlist={"after_lapse": after_lapse})
        house.send(Withdraw, ADA)
        house.memory.now += timedelta(days=3)
        house.send(RequestToJoin, DORA)
        assert statuses(house, CARL, DORA) == [Status.OFFERED, Status.WAITLISTED]


def test_an_approval_never_gives_a_seat_that_is_being_freed() -> None:
    house = a_full_house(policy="approval")
    for person in (BEA, CARL, DORA):
        house.send(RequestToJoin, person)
    for person in (ADA, BEA, CARL):
        house.send(ApproveRequest, person, by=HOST)
    house.send(Withdraw, ADA)
    house.memory.now += timedelta(days=3)
    house.send(ApproveRequest, DORA, by=HOST)
    assert statuses(house, BEA, CARL, DORA) == [Status.LAPSED, Status.OFFERED, Status.WAITLISTED]


def test_a_person_who_wants_only_full_roles_is_skipped_and_keeps_the_position() -> None:
    room = a_room(3, roles=ROLES)
    people = [
        a_membership_state(room, Status.JOINED, ADA, number=1),
        a_membership_state(room, Status.WAITLISTED, BEA, number=2, roles=["coach"]),
        a_membership_state(room, Status.WAITLISTED, CARL, number=3, roles=["coach", "coachee"]),
        a_membership_state(room, Status.WAITLISTED, DORA, number=4),
    ]
    changes = waitlist.fill(a_state_with(room, *people), people[1:], now=NOW)
    assert [
        (transition.after.snapshot.person_id, transition.after.snapshot.role) for transition in changes.transitions
    ] == [
        (CARL, "coachee"),
        (DORA, "coachee"),
    ]


def test_an_offered_role_counts_as_taken() -> None:
    room = a_room(3, roles=ROLES)
    held = a_membership_state(room, Status.OFFERED, ADA, number=1)
    waits = a_membership_state(room, Status.WAITLISTED, BEA, number=2, roles=["coach"])
    assert waitlist.fill(a_state_with(room, held, waits), [waits], now=NOW).transitions == ()


def test_a_person_whose_offer_was_revoked_gets_no_automatic_offer_and_blocks_nobody() -> None:
    room = a_room(1)
    revoked = replace(a_membership_state(room, Status.WAITLISTED, ADA), set_aside=True)
    state = a_state_with(room, revoked)
    assert waitlist.fill(state, [revoked], now=NOW).transitions == ()
    assert not revoked.would_take("participant")


def test_the_waitlist_is_ordered_by_priority_then_by_request() -> None:
    room = a_room()
    keys = [
        a_membership_state(room, Status.WAITLISTED, priority=priority, number=number).key
        for priority, number in [(0, 2), (5, 9), (0, 1), (-3, 0)]
    ]
    assert sorted(keys) == [(-5, 9), (0, 1), (0, 2), (3, 0)]


def test_no_seat_is_offered_in_a_room_without_waitlist_or_at_its_end() -> None:
    for changes in ({"waitlist": {"enabled": False}}, {"status": "cancelled"}, {"status": "archived"}):
        room = a_room(1, **changes)
        waits = a_membership_state(room, Status.WAITLISTED)
        assert waitlist.promotion(RoomState(room), waits, now=NOW) is None


def test_a_closed_room_still_serves_its_waitlist() -> None:
    house = a_full_house(BEA)
    house.edit(status="closed")
    house.send(Withdraw, ADA)
    assert house.status(BEA) is Status.OFFERED


def test_seats_are_offered_in_waitlist_order_however_many_are_free() -> None:
    house = a_full_house(BEA, CARL, DORA)
    house.edit(capacity=3)
    offered = [outgoing.message for outgoing in house.published if isinstance(outgoing.message, SeatOffered)]
    assert [event.membership.person_id for event in offered] == [BEA, CARL]
    assert house.status(DORA) is Status.WAITLISTED
