"""What a room's life notes and tells on; which step is allowed when, and to whom, is walked beside this."""

import pytest
from tests.unit.rooms.builders import HOST, NOW, STRANGER, a_state
from tests.unit.rooms.life import Life

from practio_contracts.message import Command
from practio_contracts.rooms import (
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    CreateRoom,
    PublishRoom,
    ReopenRoom,
    RoomCancelled,
    RoomClosed,
    RoomReopened,
    RoomStatus,
)
from practio_rooms.domain import statements


def test_a_reason_is_told_on() -> None:
    closed = Life(a_state()).send(CloseRoom, HOST, reason="a pause")
    reopened = Life(a_state(RoomStatus.CLOSED)).send(ReopenRoom, HOST, reason="again")
    cancelled = Life(a_state()).send(CancelRoom, HOST, reason="no interest")
    assert isinstance(closed, RoomClosed)
    assert isinstance(reopened, RoomReopened)
    assert isinstance(cancelled, RoomCancelled)
    assert (closed.reason, reopened.reason, cancelled.reason) == ("a pause", "again", "no interest")


def test_publishing_notes_when_and_opening_again_leaves_it() -> None:
    life = Life.drafted(HOST)
    for kind in (PublishRoom, CloseRoom, ReopenRoom):
        life.send(kind, HOST)
    assert (life.room.status, life.room.published_at, life.room.version) == (RoomStatus.PUBLISHED, NOW, 4)


@pytest.mark.parametrize(("kind", "fields"), [(CancelRoom, {"reason": "no interest"}), (ArchiveRoom, {})])
def test_a_proposal_ends_with_the_room(kind: type[Command], fields: dict[str, str]) -> None:
    life = Life(a_state(proposed_host_id=STRANGER))
    life.send(kind, HOST, **fields)
    assert life.state.proposed_host_id is None


def test_the_id_of_a_discarded_draft_is_not_given_again() -> None:
    command = CreateRoom(room_id=a_state().room.room_id, title="Case evenings")
    asked = statements.unstated(command, HOST).asked
    other = command.model_copy(update={"title": "Other"})
    assert statements.create_discarded(asked, command, HOST).code == "room-unknown"
    assert statements.create_discarded(asked, command, STRANGER).code == "id-taken"
    assert statements.create_discarded(asked, other, HOST).code == "id-taken"
