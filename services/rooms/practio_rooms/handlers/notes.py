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


async def record_note(command: ReceivedMessage[RecordNote], context: MessageContext[Loaded]) -> Done | Refusal:
    """Keep a note."""
    known = context.loaded.notes.state_of(command.message.note_id)
    standing = _standing(command, context)
    if standing is None:
        return ROOM_UNKNOWN
    has_session = _has_session(command, standing, context)
    after = notes.record_note(known, command.message, standing, has_session=has_session, now=context.now)
    if isinstance(after, NoteState):
        return _told(NoteRecorded(room=standing.room, note=after.note), after, context)
    return after or _unchanged(known)


async def revise_note(command: ReceivedMessage[ReviseNote], context: MessageContext[Loaded]) -> Done | Refusal:
    """Change a note, or show it to everybody."""
    known = context.loaded.notes.state_of(command.message.note_id)
    standing = _standing(command, context, of=known)
    if known is None or standing is None:
        return NOTE_UNKNOWN
    after = notes.revise_note(known, command.message, standing, has_session=_has_session(command, standing, context))
    if isinstance(after, NoteState):
        names = notes.changed_fields(known, after)
        return _told(NoteRevised(room=standing.room, note=after.note, changed_fields=names), after, context)
    return after or _unchanged(known)


async def withdraw_note(command: ReceivedMessage[WithdrawNote], context: MessageContext[Loaded]) -> Done | Refusal:
    """Take a note back."""
    known = context.loaded.notes.state_of(command.message.note_id)
    standing = _standing(command, context, of=known)
    if known is None or standing is None:
        return NOTE_UNKNOWN
    after = notes.withdraw_note(known, standing)
    if isinstance(after, NoteState):
        return _told(NoteWithdrawn(room=standing.room, note=after.note, reason=command.message.reason), after, context)
    return after or _unchanged(known)


def _standing(
    command: ReceivedMessage[RecordNote] | ReceivedMessage[ReviseNote] | ReceivedMessage[WithdrawNote],
    context: MessageContext[Loaded],
    *,
    of: NoteState | None = None,
) -> Standing | None:
    """Give who wishes it and in which room; None where there is no such room, or the note is of another one."""
    named = command.message.room_id
    room_id = of.note.room_id if of else named
    state = context.loaded.state_of(room_id) if room_id else None
    if state is None or named not in (None, room_id) or not is_seen_by(state.room, command.actor):
        return None
    return Standing(state.room, command.actor, is_in_it=(room_id, command.actor) in context.loaded.notes.people)


def _has_session(
    command: ReceivedMessage[RecordNote] | ReceivedMessage[ReviseNote],
    standing: Standing,
    context: MessageContext[Loaded],
) -> bool:
    return (standing.room.room_id, command.message.session_id) in context.loaded.notes.sessions


def _told(event: NoteEvent, after: NoteState, context: MessageContext[Loaded]) -> Done:
    """Keep a note and say so; nobody is named, for that would tell whose note it is."""
    context.loaded.notes.save(after, event.room)
    context.publish(event, subject=after.note.note_id, sequence=after.note.version, without_actor=True)
    return Done(after.note)


def _unchanged(known: NoteState | None) -> Done:
    assert known
    return Done(known.note, changed=False)
