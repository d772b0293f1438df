"""The bugs that others had: each once, as it would look here. The names in brackets are projects and their issues."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.unit.membership.builders import ADA, BEA, CARL, DORA, FACILITATOR, HOST, NOW, a_room
from tests.unit.membership.memory import House

from practio_chassis.context import Done
from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    AcceptInvitation,
    AcceptOffer,
    ApproveRequest,
    DeclineRequest,
    Invite,
    Joined,
    Outcomes,
    Remove,
    RequestToJoin,
    RevokeOffer,
    SeatOffered,
    Status,
    Withdraw,
)
from practio_contracts.rooms import Policy, RoomStatus

EVERYBODY = (ADA, BEA, CARL, DORA)
BY_APPROVAL: dict[str, Any] = {"policy": Policy.APPROVAL}


def a_house(*approved: UUID, capacity: int = 1, **fields: Any) -> House:
    """Return a room in which these people asked and were approved, in this order."""
    house = House.opened(a_room(capacity, **(BY_APPROVAL | fields)))
    for person in approved:
        house.send(RequestToJoin, person)
        house.send(ApproveRequest, person, by=HOST)
    return house


def statuses(house: House, *persons: UUID) -> list[Status | None]:
    return [house.status(person) for person in persons]


def offered(house: House) -> list[UUID]:
    return [
        outgoing.message.membership.person_id
        for outgoing in house.published
        if isinstance(outgoing.message, SeatOffered)
    ]


def test_a_seat_taken_from_an_offer_and_left_again_is_no_longer_held() -> None:
    """[pretix#1163] The voucher of a waiting list went on blocking the seat that it had given."""
    house = a_house(ADA, BEA, CARL)
    house.send(Withdraw, ADA)
    house.send(AcceptOffer, BEA)
    assert (house.state.taken, house.state.held) == (1, 0)
    house.send(Withdraw, BEA)
    assert (house.state.taken, house.state.held) == (0, 1)
    assert house.status(CARL) is Status.OFFERED


def test_raising_the_capacity_offers_seats_and_never_skips_the_approval() -> None:
    """[mod_booking#899] More places confirmed people who had not been approved."""
    house = a_house(ADA, BEA)
    house.send(RequestToJoin, CARL)
    house.edit(capacity=3)
    assert statuses(house, ADA, BEA, CARL) == [Status.JOINED, Status.OFFERED, Status.REQUESTED]
    assert (house.state.free, house.state.pending) == (1, 1)


def test_no_seat_is_offered_after_a_room_ended_and_a_closed_one_serves_only_its_waitlist() -> None:
    """[pretix#681] The waiting list went on sending vouchers for an event that was over."""
    for over in (RoomStatus.CANCELLED, RoomStatus.ARCHIVED):
        house = a_house(ADA, BEA)
        house.edit(status=over)
        house.send(Withdraw, ADA)
        house.memory.now += timedelta(days=9)
        house.fire_timers()
        assert (offered(house), statuses(house, ADA, BEA)) == ([], [Status.ENDED, Status.ENDED])
    house = a_house(ADA, BEA)
    house.edit(status=RoomStatus.CLOSED)
    refused = house.send(RequestToJoin, CARL)
    house.send(Withdraw, ADA)
    assert isinstance(refused, Refusal)
    assert (refused.code, offered(house)) == ("room-not-open", [BEA])


def test_a_newcomer_never_gets_a_seat_that_is_being_freed() -> None:
    """[mod_booking#693] A person who booked in the moment after a cancellation came before the waiting list."""
    house = a_house(ADA, BEA, policy=Policy.OPEN)
    house.send(Withdraw, ADA)
    for newcomer in (CARL, DORA):
        house.send(RequestToJoin, newcomer)
    house.memory.now += timedelta(days=9)
    house.send(RequestToJoin, ADA)
    assert statuses(house, BEA, CARL, DORA, ADA) == [
        Status.LAPSED,
        Status.OFFERED,
        Status.WAITLISTED,
        Status.WAITLISTED,
    ]


def test_approval_never_oversells() -> None:
    """[Mobilizon] Approving did not look at the capacity again."""
    house = House.opened(a_room(2, policy=Policy.APPROVAL))
    for person in EVERYBODY:
        house.send(RequestToJoin, person)
    house.decide([{"person_id": person, "approve": True} for person in EVERYBODY], by=HOST)
    assert (house.state.taken, house.state.held, house.state.waiting) == (2, 0, 2)


def test_a_person_whose_offer_was_revoked_is_not_the_first_to_get_another() -> None:
    house = a_house(ADA, BEA, CARL)
    house.send(Withdraw, ADA)
    house.send(RevokeOffer, BEA, by=HOST)
    assert offered(house) == [BEA, CARL]
    house.edit(capacity=2)
    assert statuses(house, BEA, CARL) == [Status.WAITLISTED, Status.OFFERED]
    assert [each.snapshot.person_id for each in house.people if each.is_live] == [BEA, CARL], "the place is kept"


def test_the_order_survives_approval_and_equal_timestamps() -> None:
    house = House.opened(a_room(1, policy=Policy.APPROVAL))
    for person in EVERYBODY:
        house.send(RequestToJoin, person)
    for person in (ADA, DORA, BEA, CARL):
        house.send(ApproveRequest, person, by=HOST)
    assert {each.snapshot.requested_at for each in house.people} == {NOW}
    house.edit(capacity=4)
    assert offered(house) == [BEA, CARL, DORA], "they asked in this order, whenever they were approved"


def test_seats_not_yet_filled_when_the_capacity_is_lowered_are_given_to_nobody() -> None:
    house = a_house(ADA, BEA, CARL)
    house.edit(capacity=3)
    house.send(Withdraw, BEA)
    house.send(Withdraw, CARL)
    house.edit(capacity=1)
    house.send(RequestToJoin, DORA)
    house.send(ApproveRequest, DORA, by=HOST)
    house.fill_again()
    assert house.status(DORA) is Status.WAITLISTED
    assert (house.state.taken, house.state.held) == (1, 0)


def test_two_approvals_at_once_are_one_approval_and_one_event() -> None:
    """[loomio#3103] Two admins pressed at once, and the person was welcomed twice; the letter follows the event."""
    house = House.opened(a_room(policy=Policy.APPROVAL))
    house.send(RequestToJoin, ADA)
    first, second = (house.send(ApproveRequest, ADA, by=by) for by in (HOST, FACILITATOR))
    assert isinstance(first, Done)
    assert isinstance(second, Refusal)
    assert second.code == "already-decided"
    assert str(HOST) in second.detail
    assert len([outgoing for outgoing in house.published if isinstance(outgoing.message, Joined)]) == 1


def test_one_bad_entry_does_not_lose_a_batch() -> None:
    """[DMOJ#2344] One request that could not be approved made all others of the page fail."""
    house = House.opened(a_room(policy=Policy.APPROVAL))
    for person in (ADA, CARL):
        house.send(RequestToJoin, person)
    result = house.decide([{"person_id": person, "approve": True} for person in (ADA, BEA, CARL)], by=HOST)
    assert isinstance(result, Done)
    assert isinstance(result.state, Outcomes)
    assert [(each.accepted, each.code) for each in result.state.outcomes] == [
        (True, None),
        (False, "nothing-pending"),
        (True, None),
    ]
    assert statuses(house, ADA, BEA, CARL) == [Status.JOINED, None, Status.JOINED]


def test_declining_is_possible_when_the_room_is_full() -> None:
    house = a_house(ADA)
    house.send(RequestToJoin, BEA)
    house.send(DeclineRequest, BEA, by=HOST)
    assert house.status(BEA) is Status.DECLINED


def test_a_removed_person_cannot_return_with_an_old_invitation() -> None:
    house = House.opened(a_room(policy=Policy.INVITATION))
    house.send(Invite, ADA, by=HOST)
    house.send(AcceptInvitation, ADA)
    house.send(Remove, ADA, by=HOST, reason="Passed on what was confided in the room.")
    refused = house.send(AcceptInvitation, ADA)
    assert isinstance(refused, Refusal)
    assert (refused.code, house.status(ADA)) == ("invitation-unknown", Status.REMOVED)
