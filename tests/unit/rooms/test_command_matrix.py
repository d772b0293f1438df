"""Every status of a room meets every command, by every kind of person."""

from typing import Any
from uuid import UUID

import pytest
from tests.support.every_case import every_case
from tests.unit.rooms.builders import FACILITATOR, HOST, STEWARD, STRANGER, a_state
from tests.unit.rooms.room_history import DECIDE, RoomHistory, outcome_of

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Command
from practio_contracts.rooms import (
    LIVE_ROOM,
    AcceptHandOver,
    Appoint,
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    DeclineHandOver,
    DiscardDraft,
    Dismiss,
    HandOver,
    PublishRoom,
    ReopenRoom,
    ReviseRoom,
    RoomStatus,
)

PROPOSED = UUID(int=5)
KINDS: dict[str, UUID | str | None] = {
    "host": HOST,
    "facilitator": FACILITATOR,
    "steward": STEWARD,
    "proposed": PROPOSED,
    "stranger": STRANGER,
    "system": SYSTEM,
    "nobody": None,
}
"""The actors; PROPOSED is proposed as host of published and closed rooms."""

STATUSES = [*RoomStatus, None]
"""None: a draft that was discarded."""

COMMANDS: dict[str, tuple[type[Command], dict[str, Any]]] = {
    "publish": (PublishRoom, {}),
    "close": (CloseRoom, {}),
    "reopen": (ReopenRoom, {}),
    "cancel": (CancelRoom, {"reason": "no interest"}),
    "archive": (ArchiveRoom, {}),
    "discard": (DiscardDraft, {}),
    "revise": (ReviseRoom, {"title": "Another"}),
    "revise the purpose": (ReviseRoom, {"purpose": "Another", "guidelines": {"text": "Others"}}),
    "revise nothing": (ReviseRoom, {}),
    "appoint": (Appoint, {"person_id": STRANGER, "office": "facilitator"}),
    "appoint again": (Appoint, {"person_id": FACILITATOR, "office": "facilitator"}),
    "appoint to a second office": (Appoint, {"person_id": FACILITATOR, "office": "steward"}),
    "appoint the host": (Appoint, {"person_id": HOST, "office": "steward"}),
    "dismiss": (Dismiss, {"person_id": FACILITATOR, "office": "facilitator"}),
    "dismiss from another office": (Dismiss, {"person_id": FACILITATOR, "office": "steward"}),
    "hand over": (HandOver, {"person_id": STRANGER}),
    "hand over again": (HandOver, {"person_id": PROPOSED}),
    "hand over to the host": (HandOver, {"person_id": HOST}),
    "accept": (AcceptHandOver, {"person_id": PROPOSED}),
    "accept what nobody proposed": (AcceptHandOver, {"person_id": STEWARD}),
    "accept as the host": (AcceptHandOver, {"person_id": HOST}),
    "decline": (DeclineHandOver, {"person_id": PROPOSED}),
    "decline what nobody proposed": (DeclineHandOver, {"person_id": STRANGER}),
}

OTHERS = "facilitator steward proposed stranger nobody"
SHORT = {"-": "room-unknown", "x": "not-allowed", "!": "not-in-this-state"}

# Columns: draft · published · closed · cancelled · archived · discarded
WALK = [
    ("publish", "host system", "room-published = ! ! ! -"),
    ("publish", OTHERS, "- x x x x -"),
    ("close", "host system", "! room-closed = ! ! -"),
    ("close", OTHERS, "- x x x x -"),
    ("reopen", "host system", "! = room-reopened ! ! -"),
    ("reopen", OTHERS, "- x x x x -"),
    ("cancel", "host system", "! room-cancelled room-cancelled = ! -"),
    ("cancel", OTHERS, "- x x x x -"),
    ("archive", "host system", "! room-archived room-archived ! = -"),
    ("archive", OTHERS, "- x x x x -"),
    ("discard", "host system", "draft-discarded ! ! ! ! -"),
    ("discard", OTHERS, "- x x x x -"),
    ("revise", "host system", "room-revised room-revised room-revised ! ! -"),
    ("revise", OTHERS, "- x x x x -"),
    ("revise the purpose", "host system", "room-revised room-revised room-revised ! ! -"),
    ("revise the purpose", "facilitator", "- room-revised room-revised ! ! -"),
    ("revise the purpose", "steward proposed stranger nobody", "- x x x x -"),
    ("revise nothing", "host system", "= = = ! ! -"),
    ("revise nothing", "facilitator", "- = = ! ! -"),
    ("revise nothing", "steward proposed stranger nobody", "- x x x x -"),
    ("appoint", "host system", "office-changed office-changed office-changed ! ! -"),
    ("appoint", OTHERS, "- x x x x -"),
    ("appoint again", "host system", "= = = ! ! -"),
    ("appoint again", OTHERS, "- x x x x -"),
    ("appoint to a second office", "host system", "office-taken office-taken office-taken ! ! -"),
    ("appoint to a second office", OTHERS, "- x x x x -"),
    ("appoint the host", "host system", "office-taken office-taken office-taken ! ! -"),
    ("appoint the host", OTHERS, "- x x x x -"),
    ("dismiss", "host system", "office-changed office-changed office-changed ! ! -"),
    ("dismiss", "facilitator", "- office-changed office-changed ! ! -"),
    ("dismiss", "steward proposed stranger nobody", "- x x x x -"),
    ("dismiss from another office", "host system", "= = = ! ! -"),
    ("dismiss from another office", "facilitator", "- = = ! ! -"),
    ("dismiss from another office", "steward proposed stranger nobody", "- x x x x -"),
    ("hand over", "host system", "! hand-over-proposed hand-over-proposed ! ! -"),
    ("hand over", OTHERS, "- x x x x -"),
    ("hand over again", "host system", "! = = ! ! -"),
    ("hand over again", OTHERS, "- x x x x -"),
    ("hand over to the host", "host system", "! office-taken office-taken ! ! -"),
    ("hand over to the host", OTHERS, "- x x x x -"),
    ("accept", "proposed", "- host-changed host-changed ! ! -"),
    ("accept", "host system", "x x x x x -"),
    ("accept", "facilitator steward stranger nobody", "- x x x x -"),
    ("accept what nobody proposed", "steward", "- no-hand-over no-hand-over ! ! -"),
    ("accept what nobody proposed", "host system", "x x x x x -"),
    ("accept what nobody proposed", "facilitator proposed stranger nobody", "- x x x x -"),
    ("accept as the host", "host", "! = = ! ! -"),
    ("accept as the host", "system", "x x x x x -"),
    ("accept as the host", OTHERS, "- x x x x -"),
    ("decline", "host system", "! hand-over-declined hand-over-declined ! ! -"),
    ("decline", "proposed", "- hand-over-declined hand-over-declined ! ! -"),
    ("decline", "facilitator steward stranger nobody", "- x x x x -"),
    ("decline what nobody proposed", "host system", "! no-hand-over no-hand-over ! ! -"),
    ("decline what nobody proposed", "stranger", "- no-hand-over no-hand-over ! ! -"),
    ("decline what nobody proposed", "facilitator steward proposed nobody", "- x x x x -"),
]
"""The outcome: the event, the refusal's code, = if nothing changes."""

STEPS = [
    pytest.param(command, status, kind, outcome, id=f"{command} of {status or 'discarded'} by {kind}")
    for command, kinds, outcomes in WALK
    for kind in kinds.split()
    for status, outcome in zip(STATUSES, outcomes.split(), strict=True)
]


def a_history(status: RoomStatus | None) -> RoomHistory:
    if status is None:
        history = RoomHistory.drafted(HOST)
        history.send(DiscardDraft, HOST)
        return history
    return RoomHistory(a_state(status, proposed_host_id=PROPOSED if status in LIVE_ROOM else None))


@every_case(("name", "status", "kind", "outcome"), STEPS)
def test_a_command_meets_a_status(name: str, status: RoomStatus | None, kind: str, outcome: str) -> None:
    command, fields = COMMANDS[name]
    history = a_history(status)
    before = history.state
    decision = history.send(command, KINDS[kind], **fields)
    assert outcome_of(decision) == SHORT.get(outcome, outcome)
    if decision is None or isinstance(decision, Refusal):
        assert history.state == before
    else:
        assert history.room.version == before.room.version + 1


def test_every_command_is_walked_by_every_kind_of_person() -> None:
    walked = [(name, kind) for name, kinds, _ in WALK for kind in kinds.split()]
    assert sorted(walked) == sorted((name, kind) for name in COMMANDS for kind in KINDS)
    assert {command for command, _ in COMMANDS.values()} == set(DECIDE)


@every_case("name", COMMANDS)
def test_every_refusal_states_in_a_sentence_what_is_wrong(name: str) -> None:
    command, fields = COMMANDS[name]
    for status in STATUSES:
        for by in KINDS.values():
            decision = a_history(status).send(command, by, **fields)
            if isinstance(decision, Refusal):
                assert len(decision.detail) > 25, decision
