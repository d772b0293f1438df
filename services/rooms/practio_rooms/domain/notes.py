"""Practice notes: who keeps them, changes them, shows them to everybody, takes them back (README, Notes)."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    Note,
    NoteStatus,
    RecordNote,
    RefusalCode,
    ReviseNote,
    Room,
    RoomStatus,
)
from practio_rooms.domain.room import Actor, has_say, holds_office, not_allowed, not_in_this_state

NOTE_UNKNOWN = Refusal(code=RefusalCode.NOTE_UNKNOWN, detail="there is no note with this id: check the id")
FOR_PEOPLE_IN_THE_ROOM = not_allowed("only the people in the room can use its notes: ask the host")

_LIVE = frozenset({RoomStatus.PUBLISHED, RoomStatus.CLOSED})
_NOT_STATED = {"note_id", "room_id", "expected_version"}


@dataclass(frozen=True, slots=True)
class NoteState:
    """A note as its last event told it, and what its events do not tell.

    ``asked`` is the fingerprint of the command that recorded it. A note that was withdrawn has no words any more.
    """

    note: Note
    title: str
    text: str
    author_id: UUID | None
    recorded_at: datetime
    asked: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Who wishes something of a room's notes; ``is_in_it`` says that they are in the room."""

    room: Room
    by: Actor
    is_in_it: bool

    @property
    def takes_part(self) -> bool:
        """Say whether it is a person in the room or in its offices; a system is not, for notes are confidential."""
        return isinstance(self.by, UUID) and (self.is_in_it or holds_office(self.room, self.by))


NoteDecision = NoteState | Refusal | None
"""What comes of a command: the note after it, a refusal, or None where nothing has to change."""


def record_note(
    known: NoteState | None, command: RecordNote, standing: Standing, *, has_session: bool, now: datetime
) -> NoteDecision:
    """Keep a note from ``now`` (UTC) on; the same command once more changes nothing, whatever became of the note since.

    ``has_session`` says that the room has the session that the command names.
    """
    if not standing.takes_part:
        return FOR_PEOPLE_IN_THE_ROOM
    if known:
        return None if _is_of(known, command, standing) else _ID_TAKEN
    if standing.room.status not in _LIVE:
        return not_in_this_state(standing.room, wished="given notes")
    if command.session_id and not has_session:
        return _SESSION_UNKNOWN
    return NoteState(
        note=Note.model_validate(command.model_dump(include=set(Note.model_fields)) | {"version": 1}),
        title=command.title,
        text=command.text,
        author_id=standing.by if isinstance(standing.by, UUID) else None,
        recorded_at=now,
        asked=_fingerprint(command),
    )


_ID_TAKEN = Refusal(
    code=RefusalCode.ID_TAKEN, detail="a note with this id already exists with other content: use a new id"
)
_SESSION_UNKNOWN = Refusal(
    code=RefusalCode.SESSION_UNKNOWN, detail="the room has no session with this id: check the id"
)


def _is_of(known: NoteState, command: RecordNote, standing: Standing) -> bool:
    return known.author_id == standing.by and known.asked == _fingerprint(command)


def _fingerprint(command: RecordNote) -> str:
    return sha256(command.model_dump_json(exclude_none=True).encode()).hexdigest()


def revise_note(known: NoteState | None, command: ReviseNote, standing: Standing, *, has_session: bool) -> NoteDecision:
    """Change a note, as its author; the host may say whether it is confidential, and no more."""
    if not known or known.note.status is NoteStatus.WITHDRAWN:
        return NOTE_UNKNOWN
    stated = _stated(command)
    is_authors = known.author_id == standing.by and standing.takes_part
    if not is_authors and not (standing.by == standing.room.host_id and stated.keys() <= {"confidential"}):
        return not_allowed("only its author can change a note; the host can publish it")
    if standing.room.status not in _LIVE:
        return not_in_this_state(standing.room, wished="given other notes")
    if command.expected_version not in (None, known.note.version):
        return Refusal(
            code=RefusalCode.VERSION_CONFLICT,
            detail=f"the note is at version {known.note.version} now: read it again and repeat the change",
        )
    if stated.get("session_id") and not has_session:
        return _SESSION_UNKNOWN
    after = _restated(known, stated)
    return None if after == known else _next(after)


def _stated(command: ReviseNote) -> dict[str, Any]:
    """Give the fields to change; null means no session, and not given elsewhere."""
    given = command.model_dump(exclude_unset=True, exclude=_NOT_STATED)
    return {name: value for name, value in given.items() if value is not None or name == "session_id"}


def _restated(known: NoteState, stated: dict[str, Any]) -> NoteState:
    words = {name: stated[name] for name in ("title", "text") if name in stated}
    rest = {name: value for name, value in stated.items() if name not in words}
    return replace(known, note=known.note.model_copy(update=rest), **words)


def _next(state: NoteState) -> NoteState:
    return replace(state, note=state.note.model_copy(update={"version": state.note.version + 1}))


def withdraw_note(known: NoteState | None, standing: Standing) -> NoteDecision:
    """Take a note back and forget its words: as its author, even after leaving; or as host or facilitator."""
    if not known:
        return NOTE_UNKNOWN
    room, by = standing.room, standing.by
    if not (by is not None and by == known.author_id) and not has_say(room, by) and by not in room.facilitator_ids:
        return not_allowed("only its author, the host or a facilitator can withdraw a note")
    if known.note.status is NoteStatus.WITHDRAWN:
        return None
    withdrawn = known.note.model_copy(update={"status": NoteStatus.WITHDRAWN})
    return _next(replace(known, note=withdrawn, title="", text=""))


def changed_fields(before: NoteState, after: NoteState) -> list[str]:
    """Give the names of what a revision changed."""
    names = [name for name in Note.model_fields if name != "version"]
    noted = [name for name in names if getattr(before.note, name) != getattr(after.note, name)]
    return noted + [name for name in ("title", "text") if getattr(before, name) != getattr(after, name)]
