"""The queue that letters wait in until a sender takes them in hand."""

from datetime import datetime, timedelta
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_contracts.membership import MembershipEvent
from practio_contracts.notifications import LetterStatus
from practio_contracts.rooms import RoomEvent
from practio_notifications.letters.compose import Letter
from practio_notifications.store.projections import Known
from practio_notifications.tables import LetterRow

WAITS_FOR_ADDRESS = timedelta(hours=24)
GATHERS = timedelta(seconds=2)
"""How long a letter that tells of sessions waits for more of them, which are told one by one."""


def queue(
    work: MessageContext[Known],
    letter: Letter,
    fact: MembershipEvent | RoomEvent,
    *,
    fact_id: UUID,
    correlation_id: str,
) -> None:
    """Keep a letter for its sender; one to somebody whose address is not known is held, one to nobody is none.

    What leaves later than it is written, looks for the address then.
    """
    if work.loaded.is_erased(letter.person_id):
        return
    row = row_of(letter, fact, fact_id=fact_id, correlation_id=correlation_id, now=work.now)
    row.traceparent = work.traceparent
    work.session.add(row)
    if letter.person_id not in work.loaded.contacts and letter.not_before is None:
        row.status, row.due_at = LetterStatus.HELD, work.now + WAITS_FOR_ADDRESS
        work.loaded.held.setdefault(letter.person_id, []).append(row)


def row_of(
    letter: Letter, fact: MembershipEvent | RoomEvent, *, fact_id: UUID, correlation_id: str, now: datetime
) -> LetterRow:
    """Give a letter's row: to leave at its time, once all that it tells of was heard."""
    about = fact.membership if isinstance(fact, MembershipEvent) else None
    return LetterRow(
        letter_id=letter.letter_id,
        fact_id=fact_id,
        correlation_id=correlation_id,
        kind=letter.kind.name,
        person_id=letter.person_id,
        member_id=about.person_id if about else letter.person_id,
        room_id=_room_of(fact),
        membership_id=about.membership_id if about else None,
        told=fact.model_dump(mode="json"),
        status=LetterStatus.QUEUED,
        due_at=letter.not_before or (now + GATHERS if isinstance(fact, RoomEvent) and letter.kind.calendar else now),
        created_at=now,
    )


def _room_of(fact: MembershipEvent | RoomEvent) -> UUID:
    return fact.membership.room_id if isinstance(fact, MembershipEvent) else fact.room.room_id


def release(work: MessageContext[Known], person_id: UUID) -> None:
    """Let the letters that wait for a person's address be looked at now."""
    for letter in work.loaded.held.pop(person_id, []):
        letter.status, letter.due_at = LetterStatus.QUEUED, work.now
