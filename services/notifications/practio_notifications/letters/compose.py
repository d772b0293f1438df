"""From event to letters: pure, so that the same event always leads to the same letters."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from practio_contracts.membership import Invited, SeatOffered
from practio_contracts.rooms import ENDED_ROOM, RoomDrafted, RoomEvent, RoomStatus, SessionEvent
from practio_notifications.letters.kinds import INVITATION_REMINDER, OFFER_REMINDER, LetterKind, kinds_from
from practio_notifications.letters.recipients import Audience, Cause

_LETTERS = UUID("6f1f0f7e-3f3c-5b0e-9c39-0d1f8a1c5a77")
_THREADS = UUID("0b0c1a52-6a38-5c60-8f0b-6a3b8a1e7d41")


@dataclass(frozen=True, slots=True)
class PlannedLetter:
    """A letter to be sent: its kind, its recipient, and the earliest time; None: at once."""

    letter_id: UUID
    kind: LetterKind
    person_id: UUID
    not_before: datetime | None = None


def causes_letters(event: Cause) -> bool:
    """Return whether an event asks for letters, to whomever."""
    return bool(kinds_from(event))


def letters_from(event_id: UUID, event: Cause, audience: Audience, *, by: str) -> list[PlannedLetter]:
    """Return the letters that ``event`` causes; ``by`` is the actor of the command behind it.

    A draft causes none but the one that it was saved. Sessions that are cancelled with their room are mentioned in the
    room's letter.
    """
    if isinstance(event, RoomEvent) and event.room.status is RoomStatus.DRAFT and not isinstance(event, RoomDrafted):
        return []
    if isinstance(event, SessionEvent) and event.room.status in ENDED_ROOM:
        return []
    letters = [
        PlannedLetter(letter_id(event_id, person_id, kind.name), kind, person_id)
        for kind in kinds_from(event)
        for person_id in kind.recipients(audience, event)
        if kind.confirms or by != str(person_id)
    ]
    return [*letters, *_reminders(event_id, event)]


def _reminders(event_id: UUID, event: Cause) -> list[PlannedLetter]:
    """Return the one reminder of an offer or invitation, at half its time; not sent if it was answered by then."""
    match event:
        case SeatOffered():
            kind, until = OFFER_REMINDER, event.membership.offer_expires_at
        case Invited():
            kind, until = INVITATION_REMINDER, event.membership.invitation_expires_at
        case _:
            return []
    if until is None:
        return []
    since, person_id = event.membership.since, event.membership.person_id
    return [PlannedLetter(letter_id(event_id, person_id, kind.name), kind, person_id, since + (until - since) / 2)]


def letter_id(event_id: UUID, person_id: UUID, kind: str) -> UUID:
    """Return the id of the one letter of this kind that this event sends to this person."""
    return uuid5(_LETTERS, f"{event_id}/{person_id}/{kind}")


def thread_id(room_id: UUID, person_id: UUID) -> UUID:
    """Return the id by which mail programs thread the letters about one person in one room."""
    return uuid5(_THREADS, f"{room_id}/{person_id}")
