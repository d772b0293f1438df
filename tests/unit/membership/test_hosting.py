"""What hosts do with people: offers out of turn, priorities, many decisions, roles, removals, bars."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.unit.membership.builders import (
    ADA,
    BEA,
    CARL,
    DORA,
    HOST,
    NOW,
    STEWARD,
    a_membership_state,
    a_room,
    a_state_with,
)
from tests.unit.membership.memory import House

from practio_chassis.context import Done
from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    AcceptOffer,
    ApproveRequest,
    ChangeRole,
    Declined,
    How,
    Joined,
    LiftBar,
    OccupancyChanged,
    OfferSeat,
    Outcomes,
    Prioritise,
    Prioritised,
    Remove,
    Removed,
    RequestToJoin,
    RequestUnanswered,
    RevokeOffer,
    RoleChanged,
    SeatOffered,
    Status,
    Waitlisted,
    Withdraw,
)
from practio_membership.domain.changes import evolve
from practio_membership.domain.membership_state import next_status

ROLES = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 2}]


def a_house(*asking: UUID, capacity: int = 1, **fields: Any) -> House:
    """Return an open room which these people asked to join, in this order."""
    house = House.opened(a_room(capacity, **fields))
    for person in asking:
        house.send(RequestToJoin, person)
    return house


def statuses(house: House, *persons: UUID) -> list[Status | None]:
    return [house.status(person) for person in persons]


def last(house: House, kind: type[Any]) -> Any:
    return next(outgoing.message for outgoing in reversed(house.published) if isinstance(outgoing.message, kind))


def code_of(result: Done | Refusal) -> str | None:
    return result.code if isinstance(result, Refusal) else None


def test_a_seat_is_offered_out_of_turn_only_if_one_is_free_or_over_capacity() -> None:
    house = a_house(ADA, BEA, CARL)
    assert code_of(house.send(OfferSeat, CARL, by=HOST)) == "seat-taken"
    house.send(OfferSeat, CARL, by=HOST, over_capacity=True)
    event = last(house, SeatOffered)
    assert (event.over_capacity, event.membership.by) == (True, str(HOST))
    assert (house.state.taken, house.state.held, house.state.beyond) == (1, 1, 1)
    house.send(AcceptOffer, CARL)
    assert (last(house, Joined).how, last(house, OccupancyChanged).over_capacity) == ("over-capacity", 1)


def test_a_place_over_capacity_ends_with_its_person() -> None:
    house = a_house(ADA, BEA, CARL)
    house.send(OfferSeat, BEA, by=HOST, over_capacity=True)
    house.send(AcceptOffer, BEA)
    house.send(Withdraw, BEA)
    assert statuses(house, ADA, CARL) == [Status.JOINED, Status.WAITLISTED]
    assert (house.state.taken, house.state.beyond) == (1, 0)
    house.send(Withdraw, ADA)
    assert house.status(CARL) is Status.OFFERED


def test_an_expired_offer_over_capacity_frees_no_seat() -> None:
    house = a_house(ADA, BEA, CARL)
    house.send(OfferSeat, BEA, by=HOST, over_capacity=True)
    house.memory.now += timedelta(days=3)
    house.fire_timers()
    assert statuses(house, BEA, CARL) == [Status.LAPSED, Status.WAITLISTED]


def test_a_person_set_aside_is_back_on_the_waitlist_after_an_offer_by_the_host() -> None:
    house = a_house(ADA, BEA, waitlist={"after_lapse": "requeue"})
    house.send(Withdraw, ADA)
    house.send(RevokeOffer, BEA, by=HOST)
    assert (house.status(BEA), house.state.free) == (Status.WAITLISTED, 1)
    house.send(OfferSeat, BEA, by=HOST)
    assert house.status(BEA) is Status.OFFERED
    house.memory.now += timedelta(days=3)
    house.fire_timers()
    assert house.status(BEA) is Status.OFFERED, "it lapsed, and the next one came by itself"


def test_the_next_seat_goes_by_priority_and_equal_priorities_keep_their_order() -> None:
    house = a_house(ADA, BEA, CARL, DORA)
    house.send(Prioritise, DORA, by=HOST, priority=1)
    assert last(house, Prioritised).priority == 1
    house.send(Withdraw, ADA)
    assert house.status(DORA) is Status.OFFERED
    house.send(Withdraw, DORA)
    assert statuses(house, BEA, CARL) == [Status.OFFERED, Status.WAITLISTED]


def test_a_newcomer_gets_a_position_that_respects_priorities() -> None:
    house = a_house(ADA, BEA, CARL)
    house.send(Prioritise, BEA, by=HOST, priority=-1)
    house.send(RequestToJoin, DORA)
    assert last(house, Waitlisted).ahead == 1
    assert [each.snapshot.person_id for each in house.people if each.is_waiting_in_order] == [CARL, DORA, BEA]


def test_many_decisions_are_applied_in_waitlist_order_and_answered_in_the_order_given() -> None:
    house = a_house(ADA, BEA, CARL, DORA, policy="approval")
    decisions = [
        {"person_id": CARL, "approve": True},
        {"person_id": BEA, "approve": False, "reason": "We meet in Italian."},
        {"person_id": ADA, "approve": True, "reason": "Welcome!"},
        {"person_id": ADA, "approve": False},
    ]
    result = house.decide(decisions, by=STEWARD)
    assert isinstance(result, Done)
    assert isinstance(result.state, Outcomes)
    found = [(each.person_id, each.status, each.code) for each in result.state.outcomes]
    assert found == [
        (CARL, "waitlisted", None),
        (BEA, "declined", None),
        (ADA, "joined", None),
        (ADA, "joined", "already-decided"),
    ]
    assert last(house, Declined).membership.reason == "We meet in Italian."
    assert last(house, Waitlisted).ahead == 0
    assert house.status(DORA) is Status.REQUESTED


def test_decisions_that_are_all_refused_change_nothing() -> None:
    house = a_house(policy="approval")
    result = house.decide([{"person_id": ADA, "approve": True}], by=HOST)
    assert isinstance(result, Done)
    assert (result.changed, house.published) == (False, [])


def test_only_office_holders_decide_on_many_requests() -> None:
    house = a_house(ADA, policy="approval")
    assert code_of(house.decide([{"person_id": ADA, "approve": True}], by=ADA)) == "not-allowed"
    house.edit(status="cancelled")
    assert code_of(house.decide([{"person_id": ADA, "approve": True}], by=HOST)) == "room-not-open"


def test_a_role_is_changed_if_it_has_a_free_seat_and_the_old_seat_is_offered() -> None:
    house = House.opened(a_room(3, roles=ROLES))
    house.send(RequestToJoin, ADA, roles=["coach"])
    house.send(RequestToJoin, BEA, roles=["coach"])
    assert code_of(house.send(ChangeRole, ADA, by=HOST, role="judge")) == "role-unknown"
    house.send(ChangeRole, ADA, by=HOST, role="coachee")
    event = last(house, RoleChanged)
    assert (event.from_role, event.membership.role, event.membership.status) == ("coach", "coachee", "joined")
    assert house.status(BEA) is Status.OFFERED, "the coach's seat is free now"
    assert code_of(house.send(ChangeRole, ADA, by=HOST, role="coach")) == "role-full"


def test_a_role_is_changed_in_a_full_room_too() -> None:
    house = House.opened(a_room(1, roles=[{"name": "coach"}, {"name": "coachee"}]))
    house.send(RequestToJoin, ADA, roles=["coach"])
    house.send(RequestToJoin, BEA)
    house.send(ChangeRole, ADA, by=HOST, role="coachee")
    assert (house.state.taken, house.status(BEA)) == (1, Status.WAITLISTED)


def test_a_triad_is_viable_with_all_roles_taken_and_other_rooms_with_one_participant() -> None:
    triad = [{"name": name, "seats": 1} for name in ("Coach", "coachee", "observer")]
    house = House.opened(a_room(3, roles=triad, format="peer-coaching"))
    for person, role, viable in ((ADA, "Coach", False), (BEA, "coachee", False), (CARL, "observer", True)):
        house.send(RequestToJoin, person, roles=[role])
        assert last(house, OccupancyChanged).viable is viable
    house.send(Withdraw, ADA)
    assert not last(house, OccupancyChanged).viable
    assert last(a_house(ADA), OccupancyChanged).viable


def test_the_seat_of_a_removed_person_is_offered_and_they_may_request_again() -> None:
    house = a_house(ADA, BEA)
    house.send(Remove, ADA, by=HOST, reason="Did not come.")
    event = last(house, Removed)
    assert (event.barred, event.membership.reason, house.status(BEA)) == (False, "Did not come.", Status.OFFERED)
    house.send(RequestToJoin, ADA)
    assert house.status(ADA) is Status.WAITLISTED


def test_requests_of_a_barred_person_are_refused_until_the_bar_is_lifted() -> None:
    house = a_house(ADA)
    house.send(Remove, ADA, by=HOST, reason="Shouted.", bar=True)
    refused = house.send(RequestToJoin, ADA)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.next_step) == ("barred", "ask-host")
    lifted = house.send(LiftBar, ADA, by=HOST)
    assert isinstance(lifted, Done)
    assert (lifted.changed, house.status(ADA)) == (True, Status.REMOVED)
    house.send(RequestToJoin, ADA)
    assert house.status(ADA) is Status.JOINED


def test_the_host_cannot_be_removed() -> None:
    assert code_of(a_house(ADA).send(Remove, HOST, by=HOST, reason="Enough.")) == "host-stays"


def test_an_undecided_request_has_reminders_after_three_and_seven_days_and_lapses() -> None:
    house = a_house(ADA, policy="approval", request_expires_after_days=10)
    found = []
    for day in range(1, 12):
        house.memory.now = NOW + timedelta(days=day)
        before = len(house.published)
        house.fire_timers()
        events = [outgoing.message for outgoing in house.published[before:]]
        found += [(day, event.days) for event in events if isinstance(event, RequestUnanswered)]
    assert found == [(3, 3), (7, 7)]
    assert (house.status(ADA), house.timers) == (Status.LAPSED, {})


def test_a_request_that_lapses_earlier_has_no_later_reminder() -> None:
    house = a_house(ADA, policy="approval", request_expires_after_days=5)
    for day in (3, 5, 7):
        house.memory.now = NOW + timedelta(days=day)
        house.fire_timers()
    assert last(house, RequestUnanswered).days == 3
    assert len([outgoing for outgoing in house.published if isinstance(outgoing.message, RequestUnanswered)]) == 1


def test_a_reminder_timer_after_the_decision_publishes_nothing() -> None:
    house = a_house(ADA, policy="approval")
    timer = house.timers[next(key for key in house.timers if key.startswith("reminder:"))]
    house.send(ApproveRequest, ADA, by=HOST)
    assert not house.timers
    house.internal_commands.append(timer.command)
    house.fire_timers()
    assert not [outgoing for outgoing in house.published if isinstance(outgoing.message, RequestUnanswered)]


def test_a_request_that_lapses_on_the_day_of_a_reminder_has_no_reminder() -> None:
    house = a_house(ADA, policy="approval", request_expires_after_days=3)
    assert [key.split(":")[0] for key in house.timers] == ["request"]


def test_a_place_that_no_rule_gave_exceeds_the_capacity_in_use() -> None:
    """The database refuses such a room: a bug in the rules would be an error, never one person too many."""
    room = a_room(1)
    seated, other = a_membership_state(room, Status.JOINED), a_membership_state(room, Status.WAITLISTED, BEA, number=2)
    joined = Joined(membership=next_status(other, Status.JOINED, by=str(BEA), at=NOW, role="participant"), how=How.OPEN)
    state, _ = evolve(a_state_with(room, seated, other), other, joined)
    assert state.taken + state.held > state.capacity_in_use
    beyond, _ = evolve(a_state_with(room, seated, other), other, joined.model_copy(update={"how": How.OVER_CAPACITY}))
    assert (beyond.taken, beyond.capacity_in_use) == (2, 2)
