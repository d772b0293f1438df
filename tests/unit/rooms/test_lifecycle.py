"""The content of lifecycle events; test_command_matrix.py walks which step is allowed when, and to whom."""

from tests.support.every_case import every_case
from tests.unit.rooms.builders import HOST, NOW, STRANGER, a_state
from tests.unit.rooms.room_history import RoomHistory

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


def test_the_event_states_the_reason() -> None:
    closed = RoomHistory(a_state()).send(CloseRoom, HOST, reason="a pause")
    reopened = RoomHistory(a_state(RoomStatus.CLOSED)).send(ReopenRoom, HOST, reason="again")
    cancelled = RoomHistory(a_state()).send(CancelRoom, HOST, reason="no interest")
    assert isinstance(closed, RoomClosed)
    assert isinstance(reopened, RoomReopened)
    assert isinstance(cancelled, RoomCancelled)
    assert (closed.reason, reopened.reason, cancelled.reason) == ("a pause", "again", "no interest")


def test_publishing_notes_when_and_opening_again_leaves_it() -> None:
    history = RoomHistory.drafted(HOST)
    for kind in (PublishRoom, CloseRoom, ReopenRoom):
        history.send(kind, HOST)
    assert (history.room.status, history.room.published_at, history.room.version) == (RoomStatus.PUBLISHED, NOW, 4)


@every_case(("kind", "fields"), [(CancelRoom, {"reason": "no interest"}), (ArchiveRoom, {})])
def test_a_proposal_ends_with_the_room(kind: type[Command], fields: dict[str, str]) -> None:
    history = RoomHistory(a_state(proposed_host_id=STRANGER))
    history.send(kind, HOST, **fields)
    assert history.state.proposed_host_id is None


def test_the_id_of_a_discarded_draft_is_not_given_again() -> None:
    command = CreateRoom(room_id=a_state().room.room_id, title="Case evenings")
    asked = statements.empty_state(command, HOST).fingerprint
    other = command.model_copy(update={"title": "Other"})
    assert statements.refuse_discarded_id(asked, command, HOST).code == "room-unknown"
    assert statements.refuse_discarded_id(asked, command, STRANGER).code == "id-taken"
    assert statements.refuse_discarded_id(asked, other, HOST).code == "id-taken"
