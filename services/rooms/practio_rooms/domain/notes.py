"""Practice notes: who records, revises, publishes and withdraws them (README, Notes)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    LIVE_ROOM,
    Note,
    NoteStatus,
    RecordNote,
    RefusalCode,
    ReviseNote,
    Room,
)
from practio_rooms.domain.repetition import fingerprint_of
from practio_rooms.domain.room import Actor, holds_office, is_host_or_system, not_allowed, not_in_this_state

NOTE_UNKNOWN = Refusal(code=RefusalCode.NOTE_UNKNOWN, detail="there is no note with this id: check the id")
FOR_PEOPLE_IN_THE_ROOM = not_allowed("only the people in the room can use its notes: ask the host")

_NOT_STATED = {"note_id", "room_id", "expected_version"}


@dataclass(frozen=True, slots=True)
class NoteState:
    """A note as its last event states it, and what its events omit.

    ``fingerprint`` is that of the command that recorded it. A withdrawn note has neither title nor text.
    """

    note: Note
    title: str
    text: str
    author_id: UUID | None
    recorded_at: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class NoteAccess:
    """The actor's access to a room's notes; ``is_in_it``: the actor is in the room."""

    room: Room
    by: Actor
    is_in_it: bool

    @property
    def takes_part(self) -> bool:
        """Return whether the actor is a person in the room or its offices; not the system: notes are confidential."""
        return isinstance(self.by, UUID) and (self.is_in_it or holds_office(self.room, self.by))


NoteDecision = NoteState | Refusal | None
"""The result of a command: the note after it, a refusal, or None if nothing changes."""


def record_note(
    existing: NoteState | None, command: RecordNote, access: NoteAccess, *, has_session: bool, now: datetime
) -> NoteDecision:
    """Record a note at ``now`` (UTC); the same command again changes nothing, whatever happened to the note since.

    ``has_session``: the room has the session that the command names.
    """
    if not access.takes_part:
        return FOR_PEOPLE_IN_THE_ROOM
    if existing:
        return None if _is_repeated(existing, command, access) else _ID_TAKEN
    if access.room.status not in LIVE_ROOM:
        return not_in_this_state(access.room, action="given notes")
    if command.session_id and not has_session:
        return _SESSION_UNKNOWN
    return NoteState(
        note=Note.model_validate(command.model_dump(include=set(Note.model_fields)) | {"version": 1}),
        title=command.title,
        text=command.text,
        author_id=access.by if isinstance(access.by, UUID) else None,
        recorded_at=now,
        fingerprint=fingerprint_of(command),
    )


_ID_TAKEN = Refusal(
    code=RefusalCode.ID_TAKEN, detail="a note with this id already exists with other content: use a new id"
)
_SESSION_UNKNOWN = Refusal(
    code=RefusalCode.SESSION_UNKNOWN, detail="the room has no session with this id: check the id"
)


def _is_repeated(existing: NoteState, command: RecordNote, access: NoteAccess) -> bool:
    return existing.author_id == access.by and existing.fingerprint == fingerprint_of(command)


def revise_note(
    existing: NoteState | None, command: ReviseNote, access: NoteAccess, *, has_session: bool
) -> NoteDecision:
    """Revise a note as its author; the host may only set whether it is confidential."""
    if not existing or existing.note.status is NoteStatus.WITHDRAWN:
        return NOTE_UNKNOWN
    stated = _stated(command)
    is_authors = existing.author_id == access.by and access.takes_part
    if not is_authors and not (access.by == access.room.host_id and stated.keys() <= {"confidential"}):
        return not_allowed("only its author can change a note; the host can publish it")
    if access.room.status not in LIVE_ROOM:
        return not_in_this_state(access.room, action="given other notes")
    if command.expected_version not in (None, existing.note.version):
        return Refusal(
            code=RefusalCode.VERSION_CONFLICT,
            detail=f"the note is at version {existing.note.version} now: read it again and repeat the change",
        )
    if stated.get("session_id") and not has_session:
        return _SESSION_UNKNOWN
    after = _restated(existing, stated)
    return None if after == existing else _next(after)


def _stated(command: ReviseNote) -> dict[str, Any]:
    """Return the fields to change; null clears the session, and means "not given" for any other field."""
    given = command.model_dump(exclude_unset=True, exclude=_NOT_STATED)
    return {name: value for name, value in given.items() if value is not None or name == "session_id"}


def _restated(existing: NoteState, stated: dict[str, Any]) -> NoteState:
    words = {name: stated[name] for name in ("title", "text") if name in stated}
    rest = {name: value for name, value in stated.items() if name not in words}
    return replace(existing, note=existing.note.model_copy(update=rest), **words)


def _next(state: NoteState) -> NoteState:
    return replace(state, note=state.note.model_copy(update={"version": state.note.version + 1}))


def withdraw_note(existing: NoteState | None, access: NoteAccess) -> NoteDecision:
    """Withdraw a note and delete its words: as its author, even after leaving; or as host or facilitator."""
    if not existing:
        return NOTE_UNKNOWN
    room, by = access.room, access.by
    if (
        not (by is not None and by == existing.author_id)
        and not is_host_or_system(room, by)
        and by not in room.facilitator_ids
    ):
        return not_allowed("only its author, the host or a facilitator can withdraw a note")
    if existing.note.status is NoteStatus.WITHDRAWN:
        return None
    withdrawn = existing.note.model_copy(update={"status": NoteStatus.WITHDRAWN})
    return _next(replace(existing, note=withdrawn, title="", text=""))


def changed_fields(before: NoteState, after: NoteState) -> list[str]:
    """Return the names of the fields that a revision changed."""
    names = [name for name in Note.model_fields if name != "version"]
    noted = [name for name in names if getattr(before.note, name) != getattr(after.note, name)]
    return noted + [name for name in ("title", "text") if getattr(before, name) != getattr(after, name)]
