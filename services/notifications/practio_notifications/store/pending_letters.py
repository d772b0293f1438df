"""The queue that letters wait in until a sender takes them in hand."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, text, update

from practio_chassis.context import MessageContext
from practio_contracts.membership import MembershipEvent
from practio_contracts.notifications import LetterStatus
from practio_contracts.rooms import RoomEvent, SponsorReported
from practio_notifications.letters.compose import Letter
from practio_notifications.letters.kinds import BUDDY_ASSIGNED
from practio_notifications.letters.recipients import BareEvent, member_of, room_of
from practio_notifications.store.projections import Projections
from practio_notifications.tables import LetterRow

WAITS_FOR_ADDRESS = timedelta(hours=24)
GATHERS = timedelta(seconds=2)
"""How long a letter about sessions waits for more of them, since each has an event of its own."""


def queue_letter(
    context: MessageContext[Projections],
    letter: Letter,
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
    row = row_of(letter, event, event_id=event_id, correlation_id=correlation_id, now=context.now)
    row.traceparent = context.traceparent
    context.loaded.letters.add(row)
    if not context.loaded.has_address(letter.person_id) and not (letter.not_before or letter.kind.waits):
        row.status, row.due_at = LetterStatus.HELD, context.now + WAITS_FOR_ADDRESS
        context.loaded.held.setdefault(letter.person_id, []).append(row)


def row_of(
    letter: Letter,
    event: MembershipEvent | RoomEvent | BareEvent | SponsorReported,
    *,
    event_id: UUID,
    correlation_id: str,
    now: datetime,
) -> LetterRow:
    """Return a letter's row, due at its time, once all events that it announces can have arrived."""
    gathers = GATHERS if isinstance(event, RoomEvent) and letter.kind.calendar else timedelta()
    about = event.membership if isinstance(event, MembershipEvent) else None
    return LetterRow(
        letter_id=letter.letter_id,
        event_id=event_id,
        correlation_id=correlation_id,
        kind=letter.kind.name,
        person_id=letter.person_id,
        member_id=member_of(event, letter.person_id),
        room_id=None if isinstance(event, SponsorReported) else room_of(event),
        membership_id=about.membership_id if about else None,
        cause_data=event.model_dump(mode="json", by_alias=True),
        status=LetterStatus.QUEUED,
        tries=0,
        interrupted=False,
        due_at=letter.not_before or now + gathers + letter.kind.waits,
        created_at=now,
    )


async def end_letters_about_buddy(
    context: MessageContext[Projections], room_id: UUID, person_id: UUID, *, before: UUID
) -> None:
    """Let the waiting letters about a person's buddy state none, if their event is older than ``before`` (UUID 7)."""
    await context.loaded.letters.write_before_reading(context.session)
    waiting = (
        LetterRow.room_id == room_id,
        LetterRow.kind == BUDDY_ASSIGNED.name,
        LetterRow.status.in_((LetterStatus.QUEUED, LetterStatus.HELD, LetterStatus.RETRYING)),
        LetterRow.cause_data["person_id"].astext == str(person_id),
        LetterRow.event_id < before,
    )
    none = func.jsonb_set(LetterRow.cause_data, text("'{buddy_id}'"), text("'null'"))
    await context.session.execute(update(LetterRow).where(*waiting).values(cause_data=none))


async def write_letters(context: MessageContext[Projections | None]) -> None:
    """Store the letters that a batch of events has queued; commands queue none this way."""
    if context.loaded is not None:
        await context.loaded.letters.write(context.session)


def release(context: MessageContext[Projections], person_id: UUID) -> None:
    """Let the letters that wait for a person's address be looked at now."""
    for letter in context.loaded.held.pop(person_id, []):
        letter.status, letter.due_at = LetterStatus.QUEUED, context.now
