"""Commands about practice notes; events about notes contain neither their words nor their author."""

from practio_chassis.context import Done, MessageContext, ReceivedMessage
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
from practio_rooms.domain.notes import NOTE_UNKNOWN, NoteAccess, NoteState
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.store import Loaded


async def record_note(command: ReceivedMessage[RecordNote], context: MessageContext[Loaded]) -> Done | Refusal:
    """Record a note."""
    existing = context.loaded.notes.state_of(command.message.note_id)
    access = _access(command, context)
    if access is None:
        return ROOM_UNKNOWN
    has_session = _has_session(command, access, context)
    after = notes.record_note(existing, command.message, access, has_session=has_session, now=context.now)
    if isinstance(after, NoteState):
        return _save_and_publish(NoteRecorded(room=access.room, note=after.note), after, context)
    return after or _unchanged(existing)


async def revise_note(command: ReceivedMessage[ReviseNote], context: MessageContext[Loaded]) -> Done | Refusal:
    """Revise a note, or publish it to everybody."""
    existing = context.loaded.notes.state_of(command.message.note_id)
    access = _access(command, context, of=existing)
    if existing is None or access is None:
        return NOTE_UNKNOWN
    after = notes.revise_note(existing, command.message, access, has_session=_has_session(command, access, context))
    if isinstance(after, NoteState):
        names = notes.changed_fields(existing, after)
        return _save_and_publish(NoteRevised(room=access.room, note=after.note, changed_fields=names), after, context)
    return after or _unchanged(existing)


async def withdraw_note(command: ReceivedMessage[WithdrawNote], context: MessageContext[Loaded]) -> Done | Refusal:
    """Withdraw a note."""
    existing = context.loaded.notes.state_of(command.message.note_id)
    access = _access(command, context, of=existing)
    if existing is None or access is None:
        return NOTE_UNKNOWN
    after = notes.withdraw_note(existing, access)
    if isinstance(after, NoteState):
        return _save_and_publish(
            NoteWithdrawn(room=access.room, note=after.note, reason=command.message.reason), after, context
        )
    return after or _unchanged(existing)


def _access(
    command: ReceivedMessage[RecordNote] | ReceivedMessage[ReviseNote] | ReceivedMessage[WithdrawNote],
    context: MessageContext[Loaded],
    *,
    of: NoteState | None = None,
) -> NoteAccess | None:
    """Return the actor's access to the room's notes; None if the room is unknown or the note belongs to another one."""
    named = command.message.room_id
    room_id = of.note.room_id if of else named
    state = context.loaded.visible_state(room_id, command.actor) if room_id else None
    if state is None or named not in (None, room_id):
        return None
    return NoteAccess(state.room, command.actor, is_in_it=(room_id, command.actor) in context.loaded.notes.people)


def _has_session(
    command: ReceivedMessage[RecordNote] | ReceivedMessage[ReviseNote],
    access: NoteAccess,
    context: MessageContext[Loaded],
) -> bool:
    return (access.room.room_id, command.message.session_id) in context.loaded.notes.sessions


def _save_and_publish(event: NoteEvent, after: NoteState, context: MessageContext[Loaded]) -> Done:
    """Save a note and publish its event, without an actor, who would reveal the author."""
    context.loaded.notes.save(after, event.room)
    context.publish(event, subject=after.note.note_id, sequence=after.note.version, without_actor=True)
    return Done(after.note)


def _unchanged(existing: NoteState | None) -> Done:
    assert existing
    return Done(existing.note, changed=False)
