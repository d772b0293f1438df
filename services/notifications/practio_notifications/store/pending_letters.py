"""The queue that letters wait in, from their event until a sender takes them in hand."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, text, update

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_contracts.membership import MembershipEvent
from practio_contracts.notifications import LetterStatus
from practio_contracts.rooms import Announced, Room, RoomEvent, SponsorReported
from practio_notifications.letters.compose import PlannedLetter, letters_from
from practio_notifications.letters.kinds import BUDDY_ASSIGNED
from practio_notifications.letters.recipients import BareEvent, member_of, room_of
from practio_notifications.store.projections import Projections
from practio_notifications.tables import CAUSE_DATA, EVENT_ID, LETTER, LetterRow

WAITS_FOR_ADDRESS = timedelta(hours=24)
GATHERS = timedelta(seconds=2)
"""How long a letter about sessions waits for more of them, since each has an event of its own."""


def queue_letters(
    context: MessageContext[Projections], event: ReceivedMessage[Any], event_id: UUID, room: Room
) -> None:
    """Queue the letters that an event asks for, unless they were written of it, or of the same command, before."""
    if event_id in context.loaded.lettered:
        return
    by = _author_of(event)
    letters = letters_from(event_id, event.message, context.loaded.audience(room), by=by)
    for letter in letters:
        correlation_id = event.envelope.correlationid or str(event.envelope.id)
        _queue_letter(context, letter, event.message, event_id=event_id, correlation_id=correlation_id)
    if letters:
        context.loaded.lettered[event_id] = True


def _author_of(event: ReceivedMessage[Any]) -> str:
    """Return the actor of the command behind an event."""
    message = event.message
    if isinstance(message, MembershipEvent):
        return message.membership.by
    return message.by if isinstance(message, Announced) else event.by


def _queue_letter(
    context: MessageContext[Projections],
    letter: PlannedLetter,
    event: MembershipEvent | RoomEvent | BareEvent | SponsorReported,
    *,
    event_id: UUID,
    correlation_id: str,
) -> None:
    """Store a letter for the sender.

    It is held if the recipient's address is not known, and dropped if they are erased, by this batch or before. A
    letter for later looks for the address when it leaves.
    """
    erased, restored = context.loaded.erased, context.erasures.restored
    if letter.person_id in context.erasures or (letter.person_id in erased and letter.person_id not in restored):
        return
    row = letter_columns(letter, event, event_id=event_id, correlation_id=correlation_id, now=context.now)
    row["traceparent"] = context.traceparent
    if not context.loaded.has_address(letter.person_id) and not (letter.not_before or letter.kind.waits):
        row |= {"status": LetterStatus.HELD, "due_at": context.now + WAITS_FOR_ADDRESS}
    context.add_row(LETTER, row)
    context.loaded.queued.append(row)


def letter_columns(
    letter: PlannedLetter,
    event: MembershipEvent | RoomEvent | BareEvent | SponsorReported,
    *,
    event_id: UUID,
    correlation_id: str,
    now: datetime,
) -> dict[str, Any]:
    """Return the columns of a letter, due at its time, once all events that it announces can have arrived."""
    gathers = GATHERS if isinstance(event, RoomEvent) and letter.kind.calendar else timedelta()
    about = event.membership if isinstance(event, MembershipEvent) else None
    return {
        "letter_id": letter.letter_id,
        EVENT_ID: event_id,
        "correlation_id": correlation_id,
        "traceparent": None,
        "kind": letter.kind.name,
        "person_id": letter.person_id,
        "member_id": member_of(event, letter.person_id),
        "room_id": None if isinstance(event, SponsorReported) else room_of(event),
        "membership_id": about.membership_id if about else None,
        CAUSE_DATA: event.model_dump(mode="json", by_alias=True),
        "status": LetterStatus.QUEUED,
        "due_at": letter.not_before or now + gathers + letter.kind.waits,
        "tries": 0,
        "interrupted": False,
        "created_at": now,
    }


async def end_letters_about_buddy(
    context: MessageContext[Projections], room_id: UUID, person_id: UUID, *, before: UUID
) -> None:
    """Let the waiting letters about a person's buddy state none, if their event is older than ``before`` (UUID 7)."""
    for row in context.loaded.queued:
        is_about_buddy = (row["kind"], row["room_id"]) == (BUDDY_ASSIGNED.name, room_id)
        if is_about_buddy and row[CAUSE_DATA]["person_id"] == str(person_id) and row[EVENT_ID] < before:
            row[CAUSE_DATA]["buddy_id"] = None
    waiting = (
        LetterRow.room_id == room_id,
        LetterRow.kind == BUDDY_ASSIGNED.name,
        LetterRow.status.in_((LetterStatus.QUEUED, LetterStatus.HELD, LetterStatus.RETRYING)),
        LetterRow.cause_data["person_id"].astext == str(person_id),
        LetterRow.event_id < before,
    )
    none = func.jsonb_set(LetterRow.cause_data, text("'{buddy_id}'"), text("'null'"))
    await context.session.execute(update(LetterRow).where(*waiting).values(cause_data=none))


def release(context: MessageContext[Projections], person_id: UUID) -> None:
    """Let the letters that wait for a person's address be looked at now."""
    for letter in context.loaded.held.pop(person_id, []):
        letter.status, letter.due_at = LetterStatus.QUEUED, context.now
    for row in context.loaded.queued:
        if row["person_id"] == person_id and row["status"] is LetterStatus.HELD:
            row |= {"status": LetterStatus.QUEUED, "due_at": context.now}
