"""The commands that are open to a person are those that would not be refused."""

from typing import Any

from tests.support.every_case import every_case
from tests.unit.membership.builders import (
    ADA,
    HOST,
    a_decision_context,
    a_membership_state,
    a_newcomer,
    a_room,
    a_state_with,
)

from practio_contracts.membership import AcceptOffer, DeclineOffer, RequestToJoin, Status, Withdraw
from practio_contracts.rooms import RoomStatus
from practio_membership.domain.available_commands import available_commands
from practio_membership.domain.membership_state import MembershipState


def available_in(room: Any, member: MembershipState | None = None, **fields: Any) -> list[Any]:
    state = a_state_with(room, *([member] if member else []))
    return available_commands(a_decision_context(state, member, **fields), a_newcomer(room))


@every_case(
    ("status", "expected"),
    [
        (Status.REQUESTED, [Withdraw]),
        (Status.WAITLISTED, [Withdraw]),
        (Status.OFFERED, [AcceptOffer, DeclineOffer, Withdraw]),
        (Status.JOINED, [Withdraw]),
        (Status.WITHDRAWN, [RequestToJoin]),
        (Status.LAPSED, [RequestToJoin]),
    ],
)
def test_the_available_commands_follow_from_the_status(status: Status, expected: list[Any]) -> None:
    room = a_room()
    assert available_in(room, a_membership_state(room, status)) == expected


def test_a_stranger_may_request_if_the_room_takes_requests() -> None:
    assert available_in(a_room()) == [RequestToJoin]
    assert available_in(a_room(policy="approval")) == [RequestToJoin]
    for closed in (a_room(status=RoomStatus.CLOSED), a_room(policy="invitation"), a_room(status=RoomStatus.CANCELLED)):
        assert available_in(closed) == []


def test_nobody_may_request_in_a_full_room_without_a_waitlist() -> None:
    room = a_room(1, waitlist={"enabled": False})
    state = a_state_with(room, a_membership_state(room, Status.JOINED, HOST))
    assert available_commands(a_decision_context(state), a_newcomer(room)) == []


def test_an_office_holder_may_not_request() -> None:
    assert available_in(a_room(), person_id=HOST, by=HOST) == []


def test_a_declined_person_may_not_request_before_the_cool_down_is_over() -> None:
    room = a_room(policy="approval", reapply_after_days=5)
    assert available_in(room, a_membership_state(room, Status.DECLINED, ADA)) == []
