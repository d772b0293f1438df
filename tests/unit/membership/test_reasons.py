"""Why a person has, or has not, a seat: the rule that decides first comes first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.unit.membership.builders import (
    ADA,
    BEA,
    FACILITATOR,
    HOST,
    NOW,
    STEWARD,
    a_case,
    a_newcomer,
    a_room,
    a_standing,
    a_state_with,
)

from practio_contracts.membership import Explanation, Status
from practio_contracts.rooms import Room
from practio_membership.domain.explanation import explain
from practio_membership.domain.membership_state import MembershipState

ROLES = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 2}]


def explained(
    room: Room, member: MembershipState | None = None, *others: MembershipState, **fields: Any
) -> Explanation:
    people = [*others, *([member] if member else [])]
    context = a_case(a_state_with(room, *people), member, **fields)
    return explain(context, a_newcomer(room, context.person_id))


def codes(explanation: Explanation) -> list[str]:
    return [reason.code for reason in explanation.reasons]


def test_who_is_in_the_room_has_a_seat_since_then() -> None:
    room = a_room()
    told = explained(room, a_standing(room, Status.JOINED))
    assert (told.has_seat, told.status, codes(told)) == (True, "joined", ["has-seat"])
    assert told.reasons[0].model_dump(mode="json") == {
        "code": "has-seat",
        "text": "The person has a seat as participant.",
        "at": "2026-03-02T11:00:00Z",
        "by": str(ADA),
        "role": "participant",
    }


def test_a_place_over_capacity_is_called_so() -> None:
    room = a_room()
    told = explained(room, a_standing(room, Status.JOINED, over_capacity=True))
    assert "over capacity" in told.reasons[0].text


def test_who_waits_in_a_full_room_is_told_of_the_seats_and_of_the_place_in_line() -> None:
    room = a_room(2)
    seated = [a_standing(room, Status.JOINED, BEA), a_standing(room, Status.OFFERED, FACILITATOR)]
    told = explained(room, a_standing(room, Status.WAITLISTED, priority=3), *seated, ahead=1)
    assert (told.has_seat, codes(told)) == (False, ["room-full", "place-in-line"])
    full, place = told.reasons
    assert (full.capacity, full.seats_taken, full.seats_held) == (2, 1, 1)
    assert full.text == "All 2 seats are in use: 1 taken and 1 held for offers."
    assert (place.ahead, place.priority, place.text) == (1, 3, "In line, 1 person stands before this person.")


def test_who_commands_a_full_role_is_told_of_that_role_though_the_room_has_seats() -> None:
    room = a_room(3, roles=ROLES)
    told = explained(room, a_standing(room, Status.WAITLISTED, roles=["coach"]), a_standing(room, Status.JOINED, BEA))
    assert codes(told) == ["role-full", "place-in-line"]
    assert (told.reasons[0].role, told.reasons[0].capacity, told.reasons[0].seats_taken) == ("coach", 1, 1)


def test_a_wished_role_that_the_room_lost_is_told_of() -> None:
    room = a_room(3, roles=ROLES)
    told = explained(room, a_standing(room, Status.WAITLISTED, roles=["judge"]))
    assert told.reasons[0].text == "The room no longer has the role judge."


def test_what_bars_a_person_from_being_served_comes_before_the_seats() -> None:
    room = a_room()
    aside = replace(a_standing(room, Status.WAITLISTED), set_aside=True)
    assert codes(explained(room, aside)) == ["set-aside", "place-in-line"]
    without_line = a_room(waitlist={"enabled": False})
    assert codes(explained(without_line, a_standing(without_line, Status.WAITLISTED))) == [
        "waitlist-off",
        "place-in-line",
    ]


def test_who_asked_is_told_that_nobody_decided_and_what_an_approval_would_find() -> None:
    room = a_room(1, policy="approval", request_expires_after_days=10)
    pending = a_standing(room, Status.REQUESTED)
    assert codes(explained(room, pending)) == ["not-decided"]
    told = explained(room, pending, a_standing(room, Status.JOINED, BEA))
    assert codes(told) == ["not-decided", "room-full"]
    assert told.reasons[0].until == pending.snapshot.since + timedelta(days=10)


@pytest.mark.parametrize(("status", "code"), [(Status.OFFERED, "offer-stands"), (Status.INVITED, "invitation-stands")])
def test_who_is_to_answer_is_told_until_when(status: Status, code: str) -> None:
    room = a_room()
    told = explained(room, a_standing(room, status))
    assert codes(told) == [code]
    assert told.reasons[0].until
    assert told.reasons[0].until > NOW


@pytest.mark.parametrize(
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
def test_who_is_not_on_the_way_is_told_why_and_what_asking_would_bring(
    status: Status | None, fields: dict[str, Any], expected: list[str]
) -> None:
    room = a_room(**fields)
    told = explained(room, a_standing(room, status) if status else None)
    assert (told.has_seat, codes(told)) == (False, expected)


def test_who_was_barred_is_told_so() -> None:
    room = a_room()
    assert codes(explained(room, a_standing(room, Status.REMOVED, barred=True))) == ["removed", "barred"]


@pytest.mark.parametrize("person", [HOST, FACILITATOR, STEWARD])
def test_an_office_needs_no_seat(person: UUID) -> None:
    assert codes(explained(a_room(), person_id=person)) == ["holds-office"]


def test_who_is_still_to_be_ended_in_a_room_that_is_over_is_told_that_it_is() -> None:
    room = a_room(status="cancelled")
    for status in (Status.JOINED, Status.WAITLISTED, Status.REQUESTED):
        assert codes(explained(room, a_standing(room, status))) == ["room-not-open"]


def test_every_reason_is_a_sentence() -> None:
    room = a_room(1, policy="approval")
    for status in (None, *Status):
        for reason in explained(room, a_standing(room, status) if status else None).reasons:
            assert reason.text[0].isupper()
            assert reason.text.endswith(".")
            assert not reason.text.endswith("..")
