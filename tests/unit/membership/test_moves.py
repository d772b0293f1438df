"""The commands that are open to a person are those that would not be refused."""

from typing import Any

import pytest
from tests.unit.membership.builders import ADA, HOST, a_case, a_newcomer, a_room, a_standing, a_state_with

from practio_contracts.membership import AcceptOffer, DeclineOffer, RequestToJoin, Status, Withdraw
from practio_membership.domain.available_commands import available_commands
from practio_membership.domain.membership_state import MembershipState


def moves_in(room: Any, member: MembershipState | None = None, **fields: Any) -> list[Any]:
    state = a_state_with(room, *([member] if member else []))
    return available_commands(a_case(state, member, **fields), a_newcomer(room))


@pytest.mark.parametrize(
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
def test_what_is_open_to_a_person_follows_from_where_they_stand(status: Status, expected: list[Any]) -> None:
    room = a_room()
    assert moves_in(room, a_standing(room, status)) == expected


def test_who_never_asked_may_ask_where_the_room_takes_requests() -> None:
    assert moves_in(a_room()) == [RequestToJoin]
    assert moves_in(a_room(policy="approval")) == [RequestToJoin]
    for closed in (a_room(status="closed"), a_room(policy="invitation"), a_room(status="cancelled")):
        assert moves_in(closed) == []


def test_nobody_may_ask_where_the_room_is_full_and_keeps_no_waitlist() -> None:
    room = a_room(1, waitlist={"enabled": False})
    state = a_state_with(room, a_standing(room, Status.JOINED, HOST))
    assert available_commands(a_case(state), a_newcomer(room)) == []


def test_an_office_has_nothing_to_ask() -> None:
    assert moves_in(a_room(), person_id=HOST, by=HOST) == []


def test_who_was_declined_may_not_ask_before_the_cool_down_is_over() -> None:
    room = a_room(policy="approval", reapply_after_days=5)
    assert moves_in(room, a_standing(room, Status.DECLINED, ADA)) == []
