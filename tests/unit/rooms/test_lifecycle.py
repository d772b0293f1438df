"""Every state of a room meets every command that moves it."""

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import pytest
from tests.unit.rooms.builders import FACILITATOR, HOST, NOW, STEWARD, STRANGER, a_state

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Fact
from practio_contracts.rooms import (
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    PublishRoom,
    ReopenRoom,
    RoomArchived,
    RoomCancelled,
    RoomClosed,
    RoomPublished,
    RoomReopened,
    RoomStatus,
)
from practio_rooms.domain import lifecycle
from practio_rooms.domain.room import Decision, RoomState, evolve

DRAFT, PUBLISHED, CLOSED, CANCELLED, ARCHIVED = RoomStatus
ROOM = uuid4()

Move = Callable[[RoomState, UUID | str], Decision]

MOVES: dict[str, Move] = {
    "publish": lambda state, by: lifecycle.publish_room(state, PublishRoom(room_id=ROOM), by, now=NOW),
    "close": lambda state, by: lifecycle.close_room(state, CloseRoom(room_id=ROOM, reason="a pause"), by),
    "reopen": lambda state, by: lifecycle.reopen_room(state, ReopenRoom(room_id=ROOM, reason="again"), by),
    "cancel": lambda state, by: lifecycle.cancel_room(state, CancelRoom(room_id=ROOM, reason="no interest"), by),
    "archive": lambda state, by: lifecycle.archive_room(state, ArchiveRoom(room_id=ROOM), by),
}

UNCHANGED = "unchanged"
REFUSED = "refused"
OUTCOMES: dict[str, dict[RoomStatus, type[Fact] | str]] = {
    "publish": {
        DRAFT: RoomPublished,
        PUBLISHED: UNCHANGED,
        CLOSED: REFUSED,
        CANCELLED: REFUSED,
        ARCHIVED: REFUSED,
    },
    "close": {DRAFT: REFUSED, PUBLISHED: RoomClosed, CLOSED: UNCHANGED, CANCELLED: REFUSED, ARCHIVED: REFUSED},
    "reopen": {DRAFT: REFUSED, PUBLISHED: UNCHANGED, CLOSED: RoomReopened, CANCELLED: REFUSED, ARCHIVED: REFUSED},
    "cancel": {
        DRAFT: REFUSED,
        PUBLISHED: RoomCancelled,
        CLOSED: RoomCancelled,
        CANCELLED: UNCHANGED,
        ARCHIVED: REFUSED,
    },
    "archive": {
        DRAFT: REFUSED,
        PUBLISHED: RoomArchived,
        CLOSED: RoomArchived,
        CANCELLED: REFUSED,
        ARCHIVED: UNCHANGED,
    },
}
LEADS_TO = {
    RoomPublished: PUBLISHED,
    RoomReopened: PUBLISHED,
    RoomClosed: CLOSED,
    RoomCancelled: CANCELLED,
    RoomArchived: ARCHIVED,
}


@pytest.mark.parametrize("status", RoomStatus)
@pytest.mark.parametrize("move", MOVES)
def test_each_state_takes_each_move_or_refuses_it(move: str, status: RoomStatus) -> None:
    state = a_state(status)
    decision = MOVES[move](state, HOST)
    match OUTCOMES[move][status]:
        case "refused":
            assert isinstance(decision, Refusal)
            assert decision.code == "not-in-this-state"
        case "unchanged":
            assert decision is None
        case fact:
            assert isinstance(fact, type)
            assert isinstance(decision, fact)
            after = evolve(state, decision).room
            assert after.status is LEADS_TO[type(decision)]
            assert after.version == state.room.version + 1


@pytest.mark.parametrize("by", [FACILITATOR, STEWARD, STRANGER, None])
@pytest.mark.parametrize("status", [PUBLISHED, CLOSED, CANCELLED, ARCHIVED])
@pytest.mark.parametrize("move", MOVES)
def test_nobody_but_the_host_moves_a_room(move: str, status: RoomStatus, by: UUID) -> None:
    decision = MOVES[move](a_state(status), by)
    assert isinstance(decision, Refusal)
    assert decision.code == "not-allowed"


def test_the_system_moves_a_room_as_its_host_does() -> None:
    assert isinstance(MOVES["close"](a_state(PUBLISHED), SYSTEM), RoomClosed)


def test_a_reason_is_told_on() -> None:
    closed = MOVES["close"](a_state(PUBLISHED), HOST)
    assert isinstance(closed, RoomClosed)
    assert closed.reason == "a pause"


def test_publishing_notes_when_and_opening_again_leaves_it() -> None:
    draft = a_state(DRAFT)
    publish = partial(lifecycle.publish_room, wish=PublishRoom(room_id=ROOM), by=HOST, now=NOW)
    published = publish(draft)
    assert isinstance(published, RoomPublished)
    closed = MOVES["close"](evolve(draft, published), HOST)
    assert isinstance(closed, RoomClosed)
    reopened = MOVES["reopen"](evolve(draft, closed), HOST)
    assert isinstance(reopened, RoomReopened)
    assert reopened.room.published_at == NOW
