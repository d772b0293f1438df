"""Every state of a person meets every command, in every kind of room."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from tests.support.every_case import every_case
from tests.unit.membership.builders import (
    ADA,
    FACILITATOR,
    HOST,
    NOW,
    STEWARD,
    a_membership_state,
    a_room,
    a_state_with,
)
from tests.unit.membership.memory import House, Memory

from practio_chassis.context import Done, OutgoingMessage
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    LIVE,
    AcceptInvitation,
    AcceptOffer,
    ApproveRequest,
    ChangeRole,
    DeclineInvitation,
    DeclineOffer,
    DeclineRequest,
    Invite,
    LiftBar,
    MembershipEvent,
    OfferSeat,
    Prioritise,
    Remove,
    RequestToJoin,
    RevokeInvitation,
    RevokeOffer,
    Status,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import Room, RoomStatus
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.room import RoomState

NO_WAITLIST = {"enabled": False}
KINDS: dict[str, tuple[Room, int]] = {
    "open": (a_room(), 0),
    "open, full": (a_room(), 3),
    "open, full, no waitlist": (a_room(waitlist=NO_WAITLIST), 3),
    "approval": (a_room(policy="approval"), 0),
    "approval, full": (a_room(policy="approval"), 3),
    "approval, full, no waitlist": (a_room(policy="approval", waitlist=NO_WAITLIST), 3),
    "invitation": (a_room(policy="invitation"), 0),
    "closed": (a_room(status=RoomStatus.CLOSED), 0),
    "cancelled": (a_room(status=RoomStatus.CANCELLED), 0),
}
"""A room of three seats, and how many others sit in it."""

COMMANDS: dict[str, tuple[type[Command], UUID, dict[str, Any]]] = {
    "request": (RequestToJoin, ADA, {}),
    "approve": (ApproveRequest, HOST, {}),
    "decline": (DeclineRequest, HOST, {}),
    "withdraw": (Withdraw, ADA, {}),
    "accept": (AcceptOffer, ADA, {}),
    "decline-offer": (DeclineOffer, ADA, {}),
    "offer": (OfferSeat, HOST, {}),
    "offer-over": (OfferSeat, HOST, {"over_capacity": True}),
    "revoke": (RevokeOffer, HOST, {}),
    "prioritise": (Prioritise, HOST, {"priority": 5}),
    "invite": (Invite, HOST, {}),
    "invite-over": (Invite, HOST, {"over_capacity": True}),
    "revoke-invitation": (RevokeInvitation, HOST, {}),
    "accept-invitation": (AcceptInvitation, ADA, {}),
    "decline-invitation": (DeclineInvitation, ADA, {}),
    "remove": (Remove, HOST, {"reason": "Did not come."}),
    "lift-bar": (LiftBar, HOST, {}),
    "change-role": (ChangeRole, HOST, {"role": "participant"}),
}

States = list[Status | None]
BUILT: States = [None, *sorted(Status)]
GONE: States = [None, *sorted(set(Status) - LIVE)]
NEW: States = [Status.REQUESTED]
WAITS: States = [Status.WAITLISTED]
HAS_OFFER: States = [Status.OFFERED]
IS_IN: States = [Status.JOINED]
INVITED: States = [Status.INVITED]
OUT: States = [Status.REMOVED]


def but(*named: list[Any]) -> list[Any]:
    """Return every state except these."""
    return [each for each in BUILT if not any(each in statuses for statuses in named)]


# Columns: open · full · full, no waitlist · approval · full · full, no waitlist · invitation · closed · cancelled
WALK: list[tuple[str, States, str]] = [
    ("request", GONE, "joined waitlisted waitlist-closed requested requested requested invitation-required - -"),
    ("request", INVITED, "joined waitlisted waitlist-closed joined waitlisted waitlist-closed joined - -"),
    ("request", NEW + WAITS + HAS_OFFER + IS_IN, "= = = = = = = - -"),
    ("approve", NEW, "joined waitlisted seat-taken joined waitlisted seat-taken joined joined -"),
    ("approve", but(NEW), "nothing-pending " * 8 + "-"),
    ("decline", NEW, "declined " * 8 + "-"),
    ("decline", but(NEW), "nothing-pending " * 8 + "-"),
    ("withdraw", INVITED + NEW + WAITS + HAS_OFFER + IS_IN, "withdrawn " * 8 + "-"),
    ("withdraw", GONE, "not-a-member " * 8 + "-"),
    ("accept", HAS_OFFER, "joined " * 8 + "-"),
    ("accept", but(HAS_OFFER), "no-offer " * 8 + "-"),
    ("decline-offer", HAS_OFFER, "offer-declined " * 8 + "-"),
    ("decline-offer", but(HAS_OFFER), "no-offer " * 8 + "-"),
    (
        "offer",
        WAITS,
        "seat-offered seat-taken seat-taken seat-offered seat-taken seat-taken seat-offered seat-offered -",
    ),
    ("offer-over", WAITS, "seat-offered " * 8 + "-"),
    ("offer", HAS_OFFER, "= " * 8 + "-"),
    ("offer-over", HAS_OFFER, "= " * 8 + "-"),
    ("offer", but(WAITS, HAS_OFFER), "not-waiting " * 8 + "-"),
    ("offer-over", but(WAITS, HAS_OFFER), "not-waiting " * 8 + "-"),
    ("revoke", HAS_OFFER, "offer-revoked " * 8 + "-"),
    ("revoke", but(HAS_OFFER), "no-offer " * 8 + "-"),
    ("prioritise", INVITED + NEW + WAITS + HAS_OFFER, "prioritised " * 8 + "-"),
    ("prioritise", GONE + IS_IN, "not-waiting " * 8 + "-"),
    ("invite", GONE, "invited " * 7 + "- -"),
    ("invite", NEW, "joined waitlisted seat-taken joined waitlisted seat-taken joined - -"),
    ("invite", INVITED + WAITS + HAS_OFFER + IS_IN, "= " * 7 + "- -"),
    ("invite-over", GONE, "invited " * 7 + "- -"),
    ("invite-over", NEW + WAITS, "joined " * 7 + "- -"),
    ("invite-over", INVITED + HAS_OFFER + IS_IN, "= " * 7 + "- -"),
    ("revoke-invitation", INVITED, "invitation-lapsed " * 8 + "-"),
    ("revoke-invitation", but(INVITED), "invitation-unknown " * 8 + "-"),
    (
        "accept-invitation",
        INVITED,
        "joined waitlisted waitlist-closed joined waitlisted waitlist-closed joined joined -",
    ),
    ("accept-invitation", but(INVITED), "invitation-unknown " * 8 + "-"),
    ("decline-invitation", INVITED, "invitation-declined " * 8 + "-"),
    ("decline-invitation", but(INVITED), "invitation-unknown " * 8 + "-"),
    ("remove", IS_IN, "removed " * 8 + "-"),
    ("remove", but(IS_IN), "not-a-member " * 8 + "-"),
    ("lift-bar", OUT, "= " * 8 + "-"),
    ("lift-bar", but(OUT), "not-a-member " * 8 + "-"),
    ("change-role", IS_IN, "= " * 8 + "-"),
    ("change-role", but(IS_IN), "not-a-member " * 8 + "-"),
]
"""The outcome: the event, the refusal's code, = for no change, - for room-not-open."""

STEPS = [
    pytest.param(
        command, status, kind, {"-": "room-not-open"}.get(outcome, outcome), id=f"{command} {status} in {kind}"
    )
    for command, statuses, outcomes in WALK
    for status in statuses
    for kind, outcome in zip(KINDS, outcomes.split(), strict=True)
]


class Met(NamedTuple):
    """What a command came to: the answer, what was published, and the rows of the history."""

    result: Done | Refusal
    published: Sequence[OutgoingMessage]
    rows: Sequence[Mapping[str, Any]]


def a_house(kind: str, status: Status | None) -> House:
    """Return a new house in this state."""
    room, state, people = a_room_with(kind, status)
    return House(room, Memory({room.room_id: state}, dict(people)))


@cache
def a_room_with(kind: str, status: Status | None) -> tuple[Room, RoomState, dict[UUID, MembershipState]]:
    """Return a room and the people of it, made once: nothing changes them, a store only replaces them."""
    room, others = KINDS[kind]
    seated = [a_membership_state(room, Status.JOINED, uuid4(), number=number) for number in range(1, others + 1)]
    ours = [a_membership_state(room, status, number=others + 1)] if status else []
    if status in (Status.JOINED, Status.OFFERED):
        seated = seated[:2]
    people = [*seated, *ours]
    return room, a_state_with(room, *people), {each.snapshot.membership_id: each for each in people}


def send(house: House, command: str, by: UUID | str | None = None) -> Done | Refusal:
    kind, usual, fields = COMMANDS[command]
    return house.send(kind, ADA, by=by or usual, **fields)


@cache
def met(kind: str, status: Status | None, command: str) -> Met:
    """Return what a command comes to in a state, for tests that look at it."""
    house = a_house(kind, status)
    return Met(send(house, command), house.published, house.rows)


def outcome_of(found: Met) -> str:
    result = found.result
    if isinstance(result, Refusal):
        assert (found.published, found.rows) == ([], [])
        return result.code
    events = [outgoing.message for outgoing in found.published if isinstance(outgoing.message, MembershipEvent)]
    events = [event for event in events if event.membership.by != SYSTEM]
    assert result.changed == bool(events)
    assert len(events) <= 1, "one change publishes one event"
    return events[0].routing_key.split(".")[1] if events else "="


@every_case(("command", "status", "kind", "outcome"), STEPS)
def test_a_command_meets_a_state(command: str, status: Status | None, kind: str, outcome: str) -> None:
    assert outcome_of(met(kind, status, command)) == ("room-not-open" if outcome == "-" else outcome)


def test_every_combination_is_walked() -> None:
    walked = {(command, status) for command, statuses, _ in WALK for status in statuses}
    assert walked == {(command, status) for command in COMMANDS for status in BUILT}


@every_case("command", COMMANDS)
def test_a_stranger_may_do_nothing_for_another_person(command: str) -> None:
    for kind in KINDS:
        result = send(a_house(kind, Status.OFFERED), command, by=uuid4())
        assert isinstance(result, Refusal)
        assert result.code == "not-allowed", "who may is checked before the room's state"


MAY = {
    "request": "person",
    "approve": "host facilitator steward",
    "decline": "host facilitator steward",
    "withdraw": "person",
    "accept": "person",
    "decline-offer": "person",
    "offer": "host",
    "offer-over": "host",
    "revoke": "host",
    "prioritise": "host",
    "invite": "host facilitator steward",
    "invite-over": "host facilitator steward",
    "revoke-invitation": "host facilitator steward",
    "accept-invitation": "person",
    "decline-invitation": "person",
    "remove": "host",
    "lift-bar": "host",
    "change-role": "host facilitator",
}
WHO = {"person": ADA, "host": HOST, "facilitator": FACILITATOR, "steward": STEWARD}


@every_case("command", COMMANDS)
def test_each_command_is_open_only_to_the_actors_of_the_contract_and_the_system(command: str) -> None:
    refused = set()
    actors: dict[str, UUID | str] = {**WHO, "system": SYSTEM}
    for name, by in actors.items():
        result = send(a_house("approval", Status.REQUESTED), command, by=by)
        if isinstance(result, Refusal) and result.code == "not-allowed":
            refused.add(name)
    assert set(WHO) - refused == set(MAY[command].split())
    assert "system" not in refused


@every_case("command", COMMANDS)
def test_an_unknown_room_is_refused_before_anything_else(command: str) -> None:
    house = a_house("open", None)
    house.memory.states.clear()
    result = send(house, command, by=uuid4())
    assert isinstance(result, Refusal)
    assert (result.code, result.next_step) == ("room-unknown", "retry-after")
    assert result.retry_after is not None
    assert result.retry_after > NOW


def test_every_refusal_has_a_sentence() -> None:
    for command in COMMANDS:
        for kind in KINDS:
            for status in BUILT:
                result = met(kind, status, command).result
                if isinstance(result, Refusal):
                    assert len(result.detail) > 30, result
