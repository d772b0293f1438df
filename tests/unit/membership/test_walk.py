"""Every state of a person meets every command, in every kind of room."""

from uuid import UUID, uuid4

import pytest
from tests.unit.membership.builders import ADA, HOST, NOW, a_room, a_standing, a_state_with
from tests.unit.membership.memory import House, Memory

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    LIVE,
    AcceptOffer,
    ApproveRequest,
    DeclineOffer,
    DeclineRequest,
    OccupancyChanged,
    RequestToJoin,
    Status,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import Room, RoomStatus

NO_LINE = {"enabled": False}
KINDS: dict[str, tuple[Room, int]] = {
    "open": (a_room(), 0),
    "open, full": (a_room(), 3),
    "open, full, no waitlist": (a_room(waitlist=NO_LINE), 3),
    "approval": (a_room(policy="approval"), 0),
    "approval, full": (a_room(policy="approval"), 3),
    "approval, full, no waitlist": (a_room(policy="approval", waitlist=NO_LINE), 3),
    "invitation": (a_room(policy="invitation"), 0),
    "closed": (a_room(status=RoomStatus.CLOSED), 0),
    "cancelled": (a_room(status=RoomStatus.CANCELLED), 0),
}
"""A room of three seats, and how many others sit in it."""

COMMANDS: dict[str, tuple[type[Command], UUID]] = {
    "request": (RequestToJoin, ADA),
    "approve": (ApproveRequest, HOST),
    "decline": (DeclineRequest, HOST),
    "withdraw": (Withdraw, ADA),
    "accept": (AcceptOffer, ADA),
    "decline-offer": (DeclineOffer, ADA),
}

GONE = [None, *sorted(set(Status) - LIVE)]
NEVER_BUILT = [Status.INVITED]
NEW, WAITS, HAS_OFFER, IS_IN = [Status.REQUESTED], [Status.WAITLISTED], [Status.OFFERED], [Status.JOINED]

# Columns: open · full · full, no waitlist · approval · full · full, no waitlist · invitation · closed · cancelled
WALK = [
    ("request", GONE, "joined waitlisted waitlist-closed requested requested requested invitation-required - -"),
    ("request", NEW + WAITS + HAS_OFFER + IS_IN, "= = = = = = = - -"),
    ("approve", NEW, "joined waitlisted seat-taken joined waitlisted seat-taken joined joined -"),
    ("approve", GONE + WAITS + HAS_OFFER + IS_IN, "nothing-pending " * 8 + "-"),
    ("decline", NEW, "declined " * 8 + "-"),
    ("decline", GONE + WAITS + HAS_OFFER + IS_IN, "nothing-pending " * 8 + "-"),
    ("withdraw", NEW + WAITS + HAS_OFFER + IS_IN, "withdrawn " * 8 + "-"),
    ("withdraw", GONE, "not-a-member " * 8 + "-"),
    ("accept", HAS_OFFER, "joined " * 8 + "-"),
    ("accept", GONE + NEW + WAITS + IS_IN, "no-offer " * 8 + "-"),
    ("decline-offer", HAS_OFFER, "offer-declined " * 8 + "-"),
    ("decline-offer", GONE + NEW + WAITS + IS_IN, "no-offer " * 8 + "-"),
]
"""What comes of it: the fact, the refusal's code, = where nothing changes; - is room-not-open."""

STEPS = [
    pytest.param(
        command, status, kind, {"-": "room-not-open"}.get(outcome, outcome), id=f"{command} {status} in {kind}"
    )
    for command, statuses, outcomes in WALK
    for status in statuses
    for kind, outcome in zip(KINDS, outcomes.split(), strict=True)
]


def a_house(kind: str, status: Status | None) -> House:
    room, others = KINDS[kind]
    seated = [a_standing(room, Status.JOINED, uuid4(), number=number) for number in range(1, others + 1)]
    ours = [a_standing(room, status, number=others + 1)] if status else []
    if status in (Status.JOINED, Status.OFFERED):
        seated = seated[:2]
    people = [*seated, *ours]
    memory = Memory({room.room_id: a_state_with(room, *people)}, {each.shown.membership_id: each for each in people})
    return House(room, memory)


def outcome_of(house: House, command: str) -> str:
    kind, by = COMMANDS[command]
    result = house.wish(kind, ADA, by=by)
    if isinstance(result, Refusal):
        assert (house.said, house.rows) == ([], [])
        return result.code
    facts = [said.message for said in house.said if not isinstance(said.message, OccupancyChanged)]
    assert result.changed == bool(facts)
    assert len(facts) <= 1, "one change says one fact"
    return facts[0].routing_key.split(".")[1] if facts else "="


@pytest.mark.parametrize(("command", "status", "kind", "outcome"), STEPS)
def test_a_command_meets_a_state(command: str, status: Status | None, kind: str, outcome: str) -> None:
    assert outcome_of(a_house(kind, status), command) == ("room-not-open" if outcome == "-" else outcome)


def test_every_pair_of_what_is_built_is_walked() -> None:
    walked = {(command, status) for command, statuses, _ in WALK for status in statuses}
    every = {(command, status) for command in COMMANDS for status in [None, *Status] if status not in NEVER_BUILT}
    assert walked == every


@pytest.mark.parametrize("command", COMMANDS)
def test_a_stranger_may_do_nothing_in_anothers_name(command: str) -> None:
    kind, _ = COMMANDS[command]
    for room_kind in KINDS:
        result = a_house(room_kind, Status.OFFERED).wish(kind, ADA, by=uuid4())
        assert isinstance(result, Refusal)
        assert result.code == "not-allowed", "who may is checked before the room's state"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_system_may_do_all_that_people_and_hosts_may(command: str) -> None:
    kind, _ = COMMANDS[command]
    result = a_house("approval", Status.REQUESTED).wish(kind, ADA, by="system")
    assert not isinstance(result, Refusal) or result.code == "no-offer"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_room_that_is_not_known_is_told_before_anything_else(command: str) -> None:
    kind, _ = COMMANDS[command]
    house = a_house("open", None)
    house.memory.states.clear()
    result = house.wish(kind, ADA, by=uuid4())
    assert isinstance(result, Refusal)
    assert (result.code, result.next_step) == ("room-unknown", "retry-after")
    assert result.retry_after is not None
    assert result.retry_after > NOW


def test_every_refusal_says_in_a_sentence_what_is_wrong() -> None:
    for command in COMMANDS:
        for kind in KINDS:
            for status in [None, *LIVE]:
                result = a_house(kind, status).wish(COMMANDS[command][0], ADA, by=COMMANDS[command][1])
                if isinstance(result, Refusal):
                    assert len(result.detail) > 30, result
