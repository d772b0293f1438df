"""What each fact changes: what is known of people, rooms and memberships, and the letters it sends."""

from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from practio_chassis.heard import Heard
from practio_chassis.work import Work
from practio_contracts.membership import MembershipFact, OccupancyChanged
from practio_contracts.notifications import LetterStatus
from practio_contracts.people import Person, PersonErased
from practio_contracts.rooms import RoomFact
from practio_notifications.letters.writing import Letter, letters_from
from practio_notifications.store.known import Known
from practio_notifications.store.letters import empty
from practio_notifications.tables import ContactRow, LetterRow, OccupancyRow, RoomRow, Row, StandingRow

WAITS_FOR_ADDRESS = timedelta(hours=24)
R = TypeVar("R", bound=Row)


class RoomUnheardError(LookupError):
    """A membership's fact came before any fact of its room: it is to be heard again in a while."""


async def person_told(fact: Heard[Person], work: Work[Known]) -> None:
    """Keep how to reach a person, and let go the letters that waited for it."""
    if not fact.newest:
        return
    row = _row(work, work.loaded.contacts, ContactRow, person_id=fact.message.person_id)
    row.display_name, row.email = fact.message.display_name, fact.message.email
    row.locale, row.time_zone = fact.message.locale, fact.message.time_zone
    _release(work, fact.message.person_id)


async def person_erased(fact: Heard[PersonErased], work: Work[Known]) -> None:
    """Forget a person: the contact, and the texts of letters to and about them."""
    if not fact.newest:
        return
    row = _row(work, work.loaded.contacts, ContactRow, person_id=fact.message.person_id)
    row.display_name = row.email = row.locale = row.time_zone = None
    _release(work, fact.message.person_id)
    await empty(work.session, fact.message.person_id)


async def room_told(fact: Heard[RoomFact], work: Work[Known]) -> None:
    """Keep a room's newest snapshot."""
    if fact.newest:
        room = fact.message.room
        _row(work, work.loaded.rooms, RoomRow, room_id=room.room_id).snapshot = room.model_dump(mode="json")


async def occupancy_told(fact: Heard[OccupancyChanged], work: Work[Known]) -> None:
    """Keep how full a room is."""
    if fact.newest:
        row = _row(work, work.loaded.occupancies, OccupancyRow, room_id=fact.message.room_id)
        row.told = fact.message.model_dump(mode="json")


async def membership_told(fact: Heard[MembershipFact], work: Work[Known]) -> None:
    """Keep where a membership stands, and queue the letters that the fact asks for, once.

    Raises ``RoomUnheardError`` where the room is not known: who decides on a request is not known either.
    """
    membership = fact.message.membership
    room = work.loaded.room(membership.room_id)
    if room is None:
        raise RoomUnheardError(str(membership.room_id))
    if fact.newest:
        row = _row(work, work.loaded.standings, StandingRow, membership_id=membership.membership_id)
        row.status, row.offer_expires_at = membership.status, membership.offer_expires_at
    if fact.envelope.id not in work.loaded.lettered and not work.loaded.is_erased(membership.person_id):
        for letter in letters_from(fact.envelope.id, fact.message, room):
            _queue(work, fact, letter)


def _queue(work: Work[Known], fact: Heard[MembershipFact], letter: Letter) -> None:
    if work.loaded.is_erased(letter.person_id):
        return
    reachable = letter.person_id in work.loaded.contacts
    membership = fact.message.membership
    row = LetterRow(
        letter_id=letter.letter_id,
        fact_id=fact.envelope.id,
        correlation_id=fact.envelope.correlationid or str(fact.envelope.id),
        kind=letter.kind.name,
        person_id=letter.person_id,
        member_id=membership.person_id,
        room_id=membership.room_id,
        membership_id=membership.membership_id,
        told=fact.message.model_dump(mode="json"),
        status=LetterStatus.QUEUED if reachable else LetterStatus.HELD,
        due_at=work.now if reachable else work.now + WAITS_FOR_ADDRESS,
        created_at=work.now,
    )
    work.session.add(row)
    if not reachable:
        work.loaded.held.setdefault(letter.person_id, []).append(row)


def _release(work: Work[Known], person_id: UUID) -> None:
    """Let the letters that wait for a person's address be looked at now."""
    for letter in work.loaded.held.pop(person_id, []):
        letter.status, letter.due_at = LetterStatus.QUEUED, work.now


def _row(work: Work[Known], rows: dict[UUID, R], kind: type[R], **key: UUID) -> R:
    """Give the row of this key, made where there is none."""
    (identity,) = key.values()
    if identity not in rows:
        rows[identity] = kind(**key)
        work.session.add(rows[identity])
    return rows[identity]
