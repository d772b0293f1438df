"""Practice notes: kept for the people in a room, and said without their words and without their author."""

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    NoteEvent,
    NoteRecorded,
    NoteRevised,
    NoteWithdrawn,
    RecordNote,
    ReviseNote,
    WithdrawNote,
)
from practio_rooms.domain import notes
from practio_rooms.domain.notes import NOTE_UNKNOWN, NoteState, Standing
from practio_rooms.domain.room import ROOM_UNKNOWN, is_seen_by
from practio_rooms.store import Loaded


async def record_note(wish: ReceivedMessage[RecordNote], work: MessageContext[Loaded]) -> Done | Refusal:
    """Keep a note."""
    known = work.loaded.notes.state_of(wish.message.note_id)
    standing = _standing(wish, work)
    if standing is None:
        return ROOM_UNKNOWN
    has_session = _has_session(wish, standing, work)
    after = notes.record_note(known, wish.message, standing, has_session=has_session, now=work.now)
    if isinstance(after, NoteState):
        return _told(NoteRecorded(room=standing.room, note=after.note), after, work)
    return after or _unchanged(known)


async def revise_note(wish: ReceivedMessage[ReviseNote], work: MessageContext[Loaded]) -> Done | Refusal:
    """Change a note, or show it to everybody."""
    known = work.loaded.notes.state_of(wish.message.note_id)
    standing = _standing(wish, work, of=known)
    if known is None or standing is None:
        return NOTE_UNKNOWN
    after = notes.revise_note(known, wish.message, standing, has_session=_has_session(wish, standing, work))
    if isinstance(after, NoteState):
        names = notes.changed_fields(known, after)
        return _told(NoteRevised(room=standing.room, note=after.note, changed_fields=names), after, work)
    return after or _unchanged(known)


async def withdraw_note(wish: ReceivedMessage[WithdrawNote], work: MessageContext[Loaded]) -> Done | Refusal:
    """Take a note back."""
    known = work.loaded.notes.state_of(wish.message.note_id)
    standing = _standing(wish, work, of=known)
    if known is None or standing is None:
        return NOTE_UNKNOWN
    after = notes.withdraw_note(known, standing)
    if isinstance(after, NoteState):
        return _told(NoteWithdrawn(room=standing.room, note=after.note, reason=wish.message.reason), after, work)
    return after or _unchanged(known)


def _standing(
    wish: ReceivedMessage[RecordNote] | ReceivedMessage[ReviseNote] | ReceivedMessage[WithdrawNote],
    work: MessageContext[Loaded],
    *,
    of: NoteState | None = None,
) -> Standing | None:
    """Give who wishes it and in which room; None where there is no such room, or the note is of another one."""
    named = wish.message.room_id
    room_id = of.note.room_id if of else named
    state = work.loaded.state_of(room_id) if room_id else None
    if state is None or named not in (None, room_id) or not is_seen_by(state.room, wish.actor):
        return None
    return Standing(state.room, wish.actor, is_in_it=(room_id, wish.actor) in work.loaded.notes.people)


def _has_session(
    wish: ReceivedMessage[RecordNote] | ReceivedMessage[ReviseNote], standing: Standing, work: MessageContext[Loaded]
) -> bool:
    return (standing.room.room_id, wish.message.session_id) in work.loaded.notes.sessions


def _told(fact: NoteEvent, after: NoteState, work: MessageContext[Loaded]) -> Done:
    """Keep a note and say so; nobody is named, for that would tell whose note it is."""
    work.loaded.notes.save(after, fact.room)
    work.publish(fact, subject=after.note.note_id, sequence=after.note.version, without_actor=True)
    return Done(after.note)


def _unchanged(known: NoteState | None) -> Done:
    assert known
    return Done(known.note, changed=False)
