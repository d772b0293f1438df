"""The effects of a change of the room, or of a person, on memberships."""

from typing import Any

from tests.support.every_case import every_case
from tests.unit.membership.builders import ADA, BEA, CARL, DORA, HOST, a_room
from tests.unit.membership.memory import House

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    ApproveRequest,
    Ended,
    Joined,
    OccupancyChanged,
    OfferRevoked,
    RequestToJoin,
    Status,
    Waitlisted,
    Withdraw,
    Withdrawn,
)
from practio_contracts.rooms import RoomStatus


def a_house(capacity: int = 1, **fields: Any) -> House:
    """Return a room for which Ada, Bea and Carl have asked."""
    house = House.opened(a_room(capacity, **fields))
    for person in (ADA, BEA, CARL):
        house.send(RequestToJoin, person)
    return house


def access(house: House, **changes: Any) -> dict[str, Any]:
    return house.room.access.model_dump() | changes


def published(house: House, kind: type[Any]) -> list[Any]:
    return [outgoing.message for outgoing in house.published if isinstance(outgoing.message, kind)]


def test_a_raised_capacity_offers_seats_and_skips_no_approval() -> None:
    house = a_house(policy="approval")
    house.send(ApproveRequest, ADA, by=HOST)
    house.send(ApproveRequest, CARL, by=HOST)
    house.edit(capacity=5)
    assert (house.status(CARL), house.status(BEA)) == (Status.OFFERED, Status.REQUESTED)


def test_a_lowered_capacity_costs_nobody_the_seat_and_no_seat_is_offered_until_one_is_free() -> None:
    house = a_house(3)
    house.send(RequestToJoin, DORA)
    house.edit(capacity=1)
    house.send(Withdraw, ADA)
    house.send(Withdraw, BEA)
    assert (house.status(CARL), house.status(DORA)) == (Status.JOINED, Status.WAITLISTED)
    house.send(Withdraw, CARL)
    assert house.status(DORA) is Status.OFFERED


def test_an_open_offer_is_not_affected_by_changes_of_capacity_and_offer_window() -> None:
    house = a_house()
    house.send(Withdraw, ADA)
    before = house.people[1].snapshot
    house.edit(access=access(house, waitlist={"offer_window_hours": 1}), time_zone="Asia/Tokyo")
    assert house.people[1].snapshot == before


def test_switching_the_waitlist_off_revokes_offers_and_a_newcomer_passes_only_those() -> None:
    house = a_house()
    house.send(Withdraw, CARL)
    house.send(Withdraw, ADA)
    house.edit(access=access(house, waitlist={"enabled": False}))
    [event] = published(house, OfferRevoked)
    assert (event.membership.person_id, event.membership.status, event.membership.by) == (BEA, "waitlisted", str(HOST))
    house.send(RequestToJoin, DORA)
    assert (house.status(BEA), house.status(DORA)) == (Status.WAITLISTED, Status.JOINED)


def test_without_a_waitlist_people_who_still_wait_are_not_overtaken() -> None:
    house = a_house()
    house.edit(access=access(house, waitlist={"enabled": False}))
    house.send(Withdraw, ADA)
    refusal = house.send(RequestToJoin, DORA)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "waitlist-closed"
    assert (house.status(BEA), house.status(CARL)) == (Status.WAITLISTED, Status.WAITLISTED)


def test_a_revoked_person_is_not_offered_first_when_the_waitlist_is_back() -> None:
    house = a_house()
    house.send(Withdraw, ADA)
    house.edit(access=access(house, waitlist={"enabled": False}))
    house.edit(access=access(house, waitlist={"enabled": True}))
    assert (house.status(BEA), house.status(CARL)) == (Status.WAITLISTED, Status.OFFERED)


def test_a_room_that_becomes_open_approves_requests_in_order() -> None:
    house = a_house(policy="approval")
    house.send(RequestToJoin, DORA)
    for person in (DORA, BEA):
        house.send(ApproveRequest, person, by=HOST)
    house.edit(access=access(house, policy="open"))
    assert [event.membership.person_id for event in published(house, Joined)] == [DORA]
    ahead = [(event.membership.person_id, event.ahead) for event in published(house, Waitlisted)]
    assert ahead == [(BEA, 0), (ADA, 0), (CARL, 2)]
    assert house.people[0].decided_by == str(HOST)


def test_a_room_that_becomes_open_keeps_requests_without_a_seat_pending() -> None:
    house = a_house(policy="approval", waitlist={"limit": 1})
    house.edit(access=access(house, policy="open"))
    assert [each.status for each in house.people] == [Status.JOINED, Status.WAITLISTED, Status.REQUESTED]


@every_case("policy", ["approval", "invitation"])
def test_a_stricter_policy_changes_no_membership(policy: str) -> None:
    house = a_house()
    before = house.people
    house.edit(access=access(house, policy=policy))
    assert house.people == before


@every_case(("status", "reason"), [("cancelled", "no host"), ("archived", None)])
def test_the_end_of_a_room_ends_every_live_membership(status: str, reason: str | None) -> None:
    house = a_house()
    house.send(Withdraw, ADA)
    house.edit(status=status)
    assert [(event.membership.person_id, event.membership.reason) for event in published(house, Ended)] == [
        (BEA, reason),
        (CARL, reason),
    ]
    assert house.status(ADA) is Status.WITHDRAWN
    assert (house.state.held, house.state.waiting, house.timers) == (0, 0, {})


def test_a_person_appointed_to_an_office_frees_the_seat() -> None:
    house = a_house()
    house.edit(facilitator_ids=[ADA])
    assert (house.status(ADA), house.status(BEA)) == (Status.WITHDRAWN, Status.OFFERED)


def test_an_erased_person_is_withdrawn_by_the_system_and_the_seat_is_offered() -> None:
    house = a_house()
    house.erase(ADA)
    [event] = published(house, Withdrawn)
    assert (event.membership.by, event.membership.reason, event.from_status) == ("system", None, Status.JOINED)
    assert house.status(BEA) is Status.OFFERED


def test_a_room_change_publishes_occupancy_once_and_only_if_it_changed() -> None:
    house = a_house(3)
    before = len(published(house, OccupancyChanged))
    house.edit(title="Another title")
    assert len(published(house, OccupancyChanged)) == before
    house.edit(capacity=9)
    assert len(published(house, OccupancyChanged)) == before + 1


def test_a_draft_is_not_known() -> None:
    house = House(a_room(status=RoomStatus.DRAFT))
    house.edit()
    assert house.memory.states == {}


def test_a_seat_freed_by_opening_the_room_goes_to_the_waitlist_first() -> None:
    house = a_house(policy="approval")
    for person in (ADA, BEA):
        house.send(ApproveRequest, person, by=HOST)
    house.edit(access=access(house, policy="open"), facilitator_ids=[ADA])
    assert (house.status(BEA), house.status(CARL)) == (Status.OFFERED, Status.WAITLISTED)


def test_an_offer_revoked_by_opening_the_room_leaves_its_seat_to_the_waitlist() -> None:
    house = a_house(policy="approval")
    house.send(RequestToJoin, DORA)
    for person in (ADA, BEA, CARL):
        house.send(ApproveRequest, person, by=HOST)
    house.send(Withdraw, ADA)
    house.edit(access=access(house, policy="open", waitlist={"enabled": False}))
    assert [house.status(person) for person in (BEA, CARL, DORA)] == [
        Status.WAITLISTED,
        Status.WAITLISTED,
        Status.REQUESTED,
    ]
