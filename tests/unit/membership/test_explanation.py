"""Why a person has, or has not, a seat: the rule that decides first comes first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.membership.builders import (
    ADA,
    BEA,
    FACILITATOR,
    HOST,
    NOW,
    STEWARD,
    a_decision_context,
    a_membership_state,
    a_newcomer,
    a_room,
    a_state_with,
)

from practio_contracts.membership import Explanation, Status
from practio_contracts.rooms import Room, RoomStatus
from practio_membership.domain.explanation import explain, roles_to_free
from practio_membership.domain.membership_state import MembershipState

ROLES = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 2}]


def explained(
    room: Room, member: MembershipState | None = None, *others: MembershipState, **fields: Any
) -> Explanation:
    people = [*others, *([member] if member else [])]
    context = a_decision_context(a_state_with(room, *people), member, **fields)
    return explain(context, a_newcomer(room, context.person_id))


def codes(explanation: Explanation) -> list[str]:
    return [reason.code for reason in explanation.reasons]


def test_a_participant_has_a_seat_since_joining() -> None:
    room = a_room()
    explanation = explained(room, a_membership_state(room, Status.JOINED))
    assert (explanation.has_seat, explanation.status, codes(explanation)) == (True, "joined", ["has-seat"])
    assert explanation.reasons[0].model_dump(mode="json") == {
        "code": "has-seat",
        "text": "The person has a seat as participant.",
        "at": "2026-03-02T11:00:00Z",
        "by": str(ADA),
        "role": "participant",
    }


def test_a_place_over_capacity_is_explained_as_such() -> None:
    room = a_room()
    explanation = explained(room, a_membership_state(room, Status.JOINED, over_capacity=True))
    assert "over capacity" in explanation.reasons[0].text


def test_a_waiting_person_learns_the_seats_and_their_position_on_the_waitlist() -> None:
    room = a_room(2)
    seated = [a_membership_state(room, Status.JOINED, BEA), a_membership_state(room, Status.OFFERED, FACILITATOR)]
    explanation = explained(room, a_membership_state(room, Status.WAITLISTED, priority=3), *seated, ahead=1)
    assert (explanation.has_seat, codes(explanation)) == (False, ["room-full", "place-in-line"])
    full, place = explanation.reasons
    assert (full.capacity, full.seats_taken, full.seats_held) == (2, 1, 1)
    assert full.text == "All 2 seats are in use: 1 taken and 1 held for offers."
    assert (place.ahead, place.priority, place.text) == (1, 3, "One person is ahead of this person on the waitlist.")


@every_case(("ahead", "people"), [(0, "Nobody is"), (1, "One person is"), (2, "2 people are")])
def test_the_people_ahead_are_counted_in_a_sentence(ahead: int, people: str) -> None:
    room = a_room(1)
    waiting = a_membership_state(room, Status.WAITLISTED)
    *_, place = explained(room, waiting, a_membership_state(room, Status.JOINED, BEA), ahead=ahead).reasons
    assert place.text == f"{people} ahead of this person on the waitlist."


def test_a_full_role_is_explained_even_if_the_room_has_free_seats() -> None:
    room = a_room(3, roles=ROLES)
    explanation = explained(
        room, a_membership_state(room, Status.WAITLISTED, roles=["coach"]), a_membership_state(room, Status.JOINED, BEA)
    )
    assert codes(explanation) == ["role-full", "place-in-line"]
    assert (explanation.reasons[0].role, explanation.reasons[0].capacity, explanation.reasons[0].seats_taken) == (
        "coach",
        1,
        1,
    )


def test_a_preferred_role_that_the_room_no_longer_has_is_explained() -> None:
    room = a_room(3, roles=ROLES)
    explanation = explained(room, a_membership_state(room, Status.WAITLISTED, roles=["judge"]))
    assert explanation.reasons[0].text == "The room no longer has the role judge."


def test_reasons_that_exclude_a_person_come_before_the_seats() -> None:
    room = a_room()
    set_aside_member = replace(a_membership_state(room, Status.WAITLISTED), set_aside=True)
    assert codes(explained(room, set_aside_member)) == ["set-aside", "place-in-line"]
    without_waitlist = a_room(waitlist={"enabled": False})
    assert codes(explained(without_waitlist, a_membership_state(without_waitlist, Status.WAITLISTED))) == [
        "waitlist-off",
        "place-in-line",
    ]


def test_a_requester_learns_that_the_request_is_pending_and_what_an_approval_would_do() -> None:
    room = a_room(1, policy="approval", request_expires_after_days=10)
    lapses_at = NOW + timedelta(days=3)  # by the rule at the time of the request, which the room has changed since
    pending = a_membership_state(room, Status.REQUESTED, request_expires_at=lapses_at)
    assert codes(explained(room, pending)) == ["not-decided"]
    explanation = explained(room, pending, a_membership_state(room, Status.JOINED, BEA))
    assert codes(explanation) == ["not-decided", "room-full"]
    assert explanation.reasons[0].until == lapses_at


@every_case(("status", "code"), [(Status.OFFERED, "offer-stands"), (Status.INVITED, "invitation-stands")])
def test_an_offer_or_invitation_is_explained_with_its_end(status: Status, code: str) -> None:
    room = a_room()
    explanation = explained(room, a_membership_state(room, status))
    assert codes(explanation) == [code]
    assert explanation.reasons[0].until
    assert explanation.reasons[0].until > NOW


@every_case(
    ("status", "fields", "expected"),
    [
        (None, {}, ["never-asked", "may-ask"]),
        (Status.WITHDRAWN, {}, ["withdrawn", "may-ask"]),
        (Status.LAPSED, {"policy": "approval"}, ["lapsed", "may-ask"]),
        (Status.LAPSED, {"policy": "invitation"}, ["lapsed", "invitation-required"]),
        (Status.DECLINED, {"reapply_after_days": None}, ["declined", "reapply-later"]),
        (Status.REMOVED, {}, ["removed", "may-ask"]),
        (Status.ENDED, {"status": "cancelled"}, ["ended", "room-not-open"]),
        (Status.WITHDRAWN, {"status": "closed"}, ["withdrawn", "room-not-open"]),
    ],
)
def test_a_person_without_a_live_membership_learns_why_and_what_a_request_would_do(
    status: Status | None, fields: dict[str, Any], expected: list[str]
) -> None:
    room = a_room(**fields)
    explanation = explained(room, a_membership_state(room, status) if status else None)
    assert (explanation.has_seat, codes(explanation)) == (False, expected)


def test_a_barred_person_learns_of_the_bar() -> None:
    room = a_room()
    assert codes(explained(room, a_membership_state(room, Status.REMOVED, barred=True))) == ["removed", "barred"]


@every_case("person", [HOST, FACILITATOR, STEWARD])
def test_an_office_needs_no_seat(person: UUID) -> None:
    assert codes(explained(a_room(), person_id=person)) == ["holds-office"]


def test_a_membership_still_to_be_ended_is_explained_by_the_end_of_the_room() -> None:
    room = a_room(status=RoomStatus.CANCELLED)
    for status in (Status.JOINED, Status.WAITLISTED, Status.REQUESTED):
        assert codes(explained(room, a_membership_state(room, status))) == ["room-not-open"]


def test_every_reason_is_a_sentence() -> None:
    room = a_room(1, policy="approval")
    for status in (None, *Status):
        for reason in explained(room, a_membership_state(room, status) if status else None).reasons:
            assert reason.text[0].isupper()
            assert reason.text.endswith(".")
            assert not reason.text.endswith("..")


def test_seats_that_no_role_has_are_explained() -> None:
    room = a_room(6, roles=[{"name": "coach", "seats": 1}])
    waiting = a_membership_state(room, Status.WAITLISTED, number=2)
    explanation = explained(room, waiting, a_membership_state(room, Status.JOINED, BEA))
    assert codes(explanation) == ["role-full", "seats-without-role", "place-in-line"]
    short = explanation.reasons[1]
    assert (short.capacity, short.seats_taken, short.seats_held) == (6, 1, 0)
    assert "6 seats and its roles only 1" in short.text


def test_a_role_that_a_flexible_person_has_could_be_freed() -> None:
    room = a_room(3, roles=ROLES)
    flexible = a_membership_state(room, Status.JOINED, BEA)
    waiting = a_membership_state(room, Status.WAITLISTED, number=2, roles=["coach"])
    context = a_decision_context(a_state_with(room, flexible, waiting), waiting)
    assert roles_to_free(context) == ["coach"]
    explanation = explain(context, a_newcomer(room), movable={"coach": 1})
    assert codes(explanation) == ["role-full", "role-could-be-freed", "place-in-line"]
    assert explanation.reasons[1].text.endswith("to the first person on the waitlist who would take it.")
    assert explanation.reasons[1].role == "coach"
    assert codes(explain(context, a_newcomer(room))) == ["role-full", "place-in-line"], "nobody there would move"


@every_case(
    ("capacity", "fields", "waits"),
    [
        (1, {"roles": ["coach"]}, {}),
        (3, {"roles": ["coachee"]}, {}),
        (3, {"roles": None}, {}),
        (3, {"roles": ["coach"], "set_aside": True}, {}),
        (3, {"roles": ["coach"]}, {"waitlist": {"enabled": False}}),
        (3, {"roles": ["judge"]}, {}),
    ],
    ids=["full", "free", "any", "set aside", "off", "gone"],
)
def test_a_change_of_role_frees_a_seat_only_for_people_whom_it_would_serve(
    capacity: int, fields: dict[str, Any], waits: dict[str, Any]
) -> None:
    room = a_room(capacity, roles=ROLES, **waits)
    waiting = a_membership_state(room, Status.WAITLISTED, number=2, **fields)
    people = a_state_with(room, a_membership_state(room, Status.JOINED, BEA), waiting)
    assert roles_to_free(a_decision_context(people, waiting)) == []
