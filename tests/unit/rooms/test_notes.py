"""Recording, revising, publishing and withdrawing practice notes."""

from typing import Any
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.rooms.builders import FACILITATOR, HOST, NOW, STEWARD, STRANGER, a_room

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import NoteStatus, RecordNote, ReviseNote, RoomStatus
from practio_rooms.domain.notes import (
    NoteAccess,
    NoteDecision,
    NoteState,
    changed_fields,
    record_note,
    revise_note,
    withdraw_note,
)

DRAFT, PUBLISHED, CLOSED, CANCELLED, ARCHIVED = RoomStatus
AUTHOR, PEER = uuid4(), uuid4()
IN_ROOM = (AUTHOR, PEER)


def access(by: UUID | str, status: RoomStatus = PUBLISHED) -> NoteAccess:
    return NoteAccess(a_room(status), by, is_in_it=by in IN_ROOM)


def a_command(**fields: Any) -> RecordNote:
    stated = {"kind": "case", "title": "Late again", "text": "Nobody says what it costs."}
    return RecordNote.model_validate({"room_id": uuid4(), "note_id": uuid4(), **stated, **fields})


def record(
    command: RecordNote, by: UUID | str = AUTHOR, *, existing: NoteState | None = None, status: RoomStatus = PUBLISHED
) -> NoteDecision:
    return record_note(existing, command, access(by, status), has_session=False, now=NOW)


def a_note(by: UUID = AUTHOR, **fields: Any) -> NoteState:
    note = record(a_command(**fields), by)
    assert isinstance(note, NoteState)
    return note


def revise(
    note: NoteState | None, by: UUID | str = AUTHOR, *, status: RoomStatus = PUBLISHED, **fields: Any
) -> NoteDecision:
    command = ReviseNote.model_validate({"note_id": uuid4(), **fields})
    return revise_note(note, command, access(by, status), has_session=False)


def withdrawn(note: NoteState, by: UUID | str = AUTHOR, status: RoomStatus = PUBLISHED) -> NoteDecision:
    return withdraw_note(note, access(by, status))


def code(decision: NoteDecision) -> str:
    match decision:
        case Refusal():
            return decision.code
        case None:
            return "unchanged"
        case _:
            return "done"


@every_case(
    ("by", "outcome"),
    [
        (AUTHOR, "done"),
        (HOST, "done"),
        (FACILITATOR, "done"),
        (STEWARD, "done"),
        (STRANGER, "not-allowed"),
        (SYSTEM, "not-allowed"),
    ],
)
def test_people_in_the_room_and_its_offices_keep_notes(by: UUID | str, outcome: str) -> None:
    assert code(record(a_command(), by)) == outcome


@every_case(
    ("status", "recorded", "revised", "taken_back"),
    [
        (DRAFT, "not-in-this-state", "not-in-this-state", "done"),
        (PUBLISHED, "done", "done", "done"),
        (CLOSED, "done", "done", "done"),
        (CANCELLED, "not-in-this-state", "not-in-this-state", "done"),
        (ARCHIVED, "not-in-this-state", "not-in-this-state", "done"),
    ],
)
def test_notes_are_written_until_the_room_ends_and_withdrawn_after(
    status: RoomStatus, recorded: str, revised: str, taken_back: str
) -> None:
    note = a_note()
    assert code(record(a_command(), status=status)) == recorded
    assert code(revise(note, status=status, title="Other")) == revised
    assert code(withdrawn(note, status=status)) == taken_back


def test_a_note_is_confidential_unless_it_states_otherwise() -> None:
    assert a_note().note.confidential
    assert a_note(confidential=None).note.confidential
    assert not a_note(confidential=False).note.confidential


def test_the_same_note_again_changes_nothing_after_any_change_of_it() -> None:
    command = a_command()
    note = record(command)
    assert isinstance(note, NoteState)
    gone = withdrawn(note)
    assert isinstance(gone, NoteState)
    assert code(record(command, existing=note)) == code(record(command, existing=gone, status=ARCHIVED)) == "unchanged"


def test_an_id_belongs_to_one_note_of_one_author() -> None:
    command = a_command()
    note = record(command)
    assert isinstance(note, NoteState)
    assert code(record(command.model_copy(update={"title": "Other"}), existing=note)) == "id-taken"
    assert code(record(command, PEER, existing=note)) == "id-taken"
    assert code(record(command, STRANGER, existing=note)) == "not-allowed"


def test_a_note_is_about_a_session_of_its_room() -> None:
    command = a_command(session_id=uuid4())
    assert code(record(command)) == "session-unknown"
    note = record_note(None, command, access(AUTHOR), has_session=True, now=NOW)
    assert isinstance(note, NoteState)
    assert note.note.session_id == command.session_id
    assert code(revise(note, session_id=uuid4())) == "session-unknown"
    freed = revise(note, session_id=None, kind=None)
    assert isinstance(freed, NoteState)
    assert (freed.note.session_id, changed_fields(note, freed)) == (None, ["session_id"])


@every_case(
    ("by", "words", "publishing"),
    [
        (AUTHOR, "done", "done"),
        (HOST, "not-allowed", "done"),
        (FACILITATOR, "not-allowed", "not-allowed"),
        (STEWARD, "not-allowed", "not-allowed"),
        (PEER, "not-allowed", "not-allowed"),
        (STRANGER, "not-allowed", "not-allowed"),
        (SYSTEM, "not-allowed", "not-allowed"),
    ],
)
def test_authors_change_notes_and_hosts_publish_them(by: UUID | str, words: str, publishing: str) -> None:
    assert code(revise(a_note(), by, text="Other")) == words
    assert code(revise(a_note(), by, confidential=False)) == publishing
    assert code(revise(a_note(), by, confidential=False, text="Other")) == words


def test_a_person_who_left_the_room_revises_nothing_and_withdraws_their_own_notes() -> None:
    note = a_note()
    gone = NoteAccess(a_room(), AUTHOR, is_in_it=False)
    command = ReviseNote(note_id=note.note.note_id, title="Other")
    assert code(revise_note(note, command, gone, has_session=False)) == "not-allowed"
    assert code(withdraw_note(note, gone)) == "done"


def test_a_revision_changes_its_fields_and_raises_the_version() -> None:
    before = a_note()
    after = revise(before, kind="term", text="Other", title=None, expected_version=1)
    assert isinstance(after, NoteState)
    assert changed_fields(before, after) == ["kind", "text"]
    assert (after.note.version, after.title, after.recorded_at) == (2, before.title, NOW)
    assert code(revise(after, kind="term", text="Other")) == "unchanged"
    assert code(revise(after, text="Third", expected_version=1)) == "version-conflict"


@every_case(
    ("by", "outcome"),
    [
        (AUTHOR, "done"),
        (HOST, "done"),
        (FACILITATOR, "done"),
        (SYSTEM, "done"),
        (STEWARD, "not-allowed"),
        (PEER, "not-allowed"),
        (STRANGER, "not-allowed"),
    ],
)
def test_authors_hosts_facilitators_and_the_system_withdraw_notes(by: UUID | str, outcome: str) -> None:
    assert code(withdrawn(a_note(), by)) == outcome


def test_a_note_that_is_withdrawn_has_no_words_and_is_not_changed_any_more() -> None:
    gone = withdrawn(a_note())
    assert isinstance(gone, NoteState)
    assert (gone.title, gone.text, gone.note.status, gone.note.version) == ("", "", NoteStatus.WITHDRAWN, 2)
    assert code(withdrawn(gone)) == "unchanged"
    assert code(revise(gone, title="Again")) == "note-unknown"


def test_a_note_of_an_erased_author_is_nobodys() -> None:
    note = a_note()
    orphan = NoteState(note.note, note.title, note.text, None, note.recorded_at, note.fingerprint)
    nobody = NoteAccess(a_room(), None, is_in_it=False)
    assert code(withdraw_note(orphan, nobody)) == code(withdrawn(orphan, AUTHOR)) == "not-allowed"
    assert code(withdrawn(orphan, HOST)) == "done"


def test_a_missing_note_is_unknown() -> None:
    assert code(revise(None, title="Other")) == code(withdraw_note(None, access(HOST))) == "note-unknown"
