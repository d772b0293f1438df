"""Who may request a seat, with which data, and the effect of a host's decision."""

from datetime import timedelta
from typing import Any

from tests.support.every_case import every_case
from tests.unit.membership.builders import ADA, BEA, CARL, FACILITATOR, HOST, NOW, STEWARD, a_room
from tests.unit.membership.memory import House

from practio_chassis.context import Done
from practio_contracts.answers import NextStep, Refusal
from practio_contracts.membership import (
    ApproveRequest,
    DeclineRequest,
    Joined,
    Requested,
    RequestToJoin,
    Status,
    Waitlisted,
    Withdraw,
)

QUESTIONS = [{"key": "why", "text": "Why this room?", "required": True}, {"key": "since", "text": "Since when?"}]
GUIDELINES = {"version": 2, "text": "What is said here stays here."}


def refused(house: House, person: Any = ADA, **command: Any) -> Refusal:
    result = house.send(RequestToJoin, person, **command)
    assert isinstance(result, Refusal), result
    return result


@every_case("person", [HOST, FACILITATOR, STEWARD])
def test_host_and_office_holders_have_no_seat(person: Any) -> None:
    assert refused(House.opened(a_room()), person).code == "holds-office"


def test_required_questions_without_an_answer_are_named() -> None:
    house = House.opened(a_room(questions=QUESTIONS))
    for answers in (None, {}, {"why": ""}, {"since": "2020"}):
        refusal = refused(house, answers=answers)
        assert (refusal.code, refusal.next_step) == ("answers-missing", NextStep.COMPLETE_ANSWERS)
        assert [error.field for error in refusal.errors] == ["answers.why"]


def test_answers_to_unknown_questions_are_refused() -> None:
    refusal = refused(House.opened(a_room(questions=QUESTIONS)), answers={"why": "to learn", "size": "12"})
    assert (refusal.code, [error.field for error in refusal.errors]) == ("unknown-question", ["answers.size"])


def test_the_guidelines_are_accepted_in_their_current_version() -> None:
    house = House.opened(a_room(guidelines=GUIDELINES))
    for version in (None, 1, 3):
        refusal = refused(house, accepted_guidelines=version)
        assert (refusal.code, refusal.next_step) == ("guidelines-not-accepted", NextStep.ACCEPT_GUIDELINES)
    assert isinstance(house.send(RequestToJoin, ADA, accepted_guidelines=2), Done)


def test_a_role_that_the_room_does_not_have_is_unknown() -> None:
    assert refused(House.opened(a_room()), roles=["participant", "guru"]).code == "role-unknown"


def test_answers_and_message_are_published_with_the_request() -> None:
    house = House.opened(a_room(policy="approval", questions=QUESTIONS))
    house.send(RequestToJoin, ADA, answers={"why": "to learn"}, message="Hello")
    event = house.published[0].message
    assert isinstance(event, Requested)
    assert (event.answers, event.message) == ({"why": "to learn"}, "Hello")


def test_a_declined_person_may_request_again_after_the_cool_down() -> None:
    house = House.opened(a_room(policy="approval", reapply_after_days=10))
    house.send(RequestToJoin, ADA)
    house.send(DeclineRequest, ADA, by=HOST, reason="another field")
    refusal = refused(house)
    assert (refusal.code, refusal.retry_after) == ("reapply-later", NOW + timedelta(days=10))
    house.memory.now += timedelta(days=10)
    assert isinstance(house.send(RequestToJoin, ADA), Done)


def test_a_room_may_accept_no_second_request_after_a_decline() -> None:
    house = House.opened(a_room(policy="approval", reapply_after_days=None))
    house.send(RequestToJoin, ADA)
    house.send(DeclineRequest, ADA, by=HOST)
    house.memory.now += timedelta(days=4_000)
    assert refused(house).code == "reapply-later"


def test_a_person_who_withdrew_may_request_again_at_the_end_of_the_waitlist() -> None:
    house = House.opened(a_room(1))
    for person in (ADA, BEA, CARL):
        house.send(RequestToJoin, person)
    house.send(Withdraw, BEA)
    house.send(RequestToJoin, BEA)
    assert [each.snapshot.person_id for each in house.people if each.is_live] == [ADA, CARL, BEA]


def test_a_waitlist_is_limited() -> None:
    house = House.opened(a_room(1, waitlist={"limit": 1}))
    house.send(RequestToJoin, ADA)
    house.send(RequestToJoin, BEA)
    assert refused(house, CARL).code == "waitlist-full"


def test_a_full_role_and_a_full_room_have_different_refusals() -> None:
    roles = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}]
    house = House.opened(a_room(2, roles=roles, waitlist={"enabled": False}))
    house.send(RequestToJoin, ADA, roles=["coach"])
    assert refused(house, BEA, roles=["coach"]).code == "role-full"
    house.send(RequestToJoin, BEA, roles=["coachee"])
    assert refused(house, CARL, roles=["coach"]).code == "waitlist-closed"


def test_the_first_free_preferred_role_is_given() -> None:
    roles = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}, {"name": "observer", "seats": 1}]
    house = House.opened(a_room(3, roles=roles))
    for person in (ADA, BEA):
        house.send(RequestToJoin, person, roles=["observer", "coachee"])
    assert [each.snapshot.role for each in house.people] == ["observer", "coachee"]


def test_an_approved_person_gets_a_seat_and_the_hosts_note() -> None:
    house = House.opened(a_room(policy="approval"))
    house.send(RequestToJoin, ADA)
    house.send(ApproveRequest, ADA, by=STEWARD, note="Welcome")
    event = house.published[-2].message
    assert isinstance(event, Joined)
    assert (event.how, event.membership.by, event.membership.reason) == ("approved", str(STEWARD), "Welcome")


def test_an_approved_person_waits_in_the_order_of_the_request() -> None:
    house = House.opened(a_room(1, policy="approval"))
    for person in (ADA, BEA, CARL):
        house.send(RequestToJoin, person)
    for person in (ADA, CARL, BEA):
        house.send(ApproveRequest, person, by=HOST)
    ahead = {
        outgoing.message.membership.person_id: outgoing.message.ahead
        for outgoing in house.published
        if isinstance(outgoing.message, Waitlisted)
    }
    assert ahead == {CARL: 0, BEA: 0}
    house.send(Withdraw, ADA)
    assert (house.status(BEA), house.status(CARL)) == (Status.OFFERED, Status.WAITLISTED)


@every_case("second", [ApproveRequest, DeclineRequest])
def test_a_second_decision_is_refused_with_author_and_time_of_the_first(second: Any) -> None:
    house = House.opened(a_room(1, policy="approval"))
    for person in (ADA, BEA):
        house.send(RequestToJoin, person)
    house.send(ApproveRequest, ADA, by=HOST)
    house.send(DeclineRequest, BEA, by=STEWARD)
    house.memory.now += timedelta(days=1)
    for person, by, decision in ((ADA, HOST, "approved"), (BEA, STEWARD, "declined")):
        refusal = house.send(second, person, by=FACILITATOR)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "already-decided"
        assert f"{decision} by {by} at {NOW:%Y-%m-%d %H:%M} UTC" in refusal.detail


def test_a_person_who_was_approved_and_left_has_no_pending_request() -> None:
    house = House.opened(a_room(policy="approval"))
    house.send(RequestToJoin, ADA)
    house.send(ApproveRequest, ADA, by=HOST)
    house.send(Withdraw, ADA)
    refusal = house.send(DeclineRequest, ADA, by=HOST)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "nothing-pending"


def test_the_host_cannot_leave_without_a_hand_over() -> None:
    refusal = House.opened(a_room()).send(Withdraw, HOST)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "host-stays"
