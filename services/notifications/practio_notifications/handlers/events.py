"""What each fact changes: what is known of people, rooms and memberships, and the letters it sends."""

from typing import Any, TypeVar
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.membership import MembershipEvent, OccupancyChanged, Status
from practio_contracts.people import Person, PersonErased
from practio_contracts.rooms import (
    HandOverDeclined,
    HandOverProposed,
    HostChanged,
    Room,
    RoomArchived,
    RoomCancelled,
    RoomEvent,
    RoomReplayed,
    SessionEvent,
    SessionReplayed,
)
from practio_notifications.letters.compose import letters_from
from practio_notifications.letters.suppression import address_key
from practio_notifications.store.letters import empty
from practio_notifications.store.pending_letters import queue, release
from practio_notifications.store.preferences import forget_preferences
from practio_notifications.store.projections import Known, told_in
from practio_notifications.store.sessions import keep_session, let_go_of_sessions
from practio_notifications.store.suppressions import forget_address
from practio_notifications.tables import ContactRow, OccupancyRow, RoomRow, Row, StandingRow

_HAND_OVER = HandOverProposed | HandOverDeclined | HostChanged | RoomCancelled | RoomArchived
R = TypeVar("R", bound=Row)


class RoomUnheardError(LookupError):
    """A membership's fact came before any fact of its room: it is to be heard again in a while."""


async def person_told(fact: ReceivedMessage[Person], work: MessageContext[Known]) -> None:
    """Keep how to reach a person, and let go the letters that waited for it."""
    if not fact.newest:
        return
    row = _row(work, work.loaded.contacts, ContactRow, person_id=fact.message.person_id)
    row.display_name, row.email = fact.message.display_name, fact.message.email
    row.locale, row.time_zone = fact.message.locale, fact.message.time_zone
    release(work, fact.message.person_id)


async def person_erased(fact: ReceivedMessage[PersonErased], work: MessageContext[Known]) -> None:
    """Forget a person: the contact, what they wanted to read, and the texts of letters to and about them."""
    if not fact.newest:
        return
    row = _row(work, work.loaded.contacts, ContactRow, person_id=fact.message.person_id)
    if row.email is not None:
        await forget_address(work.session, address_key(row.email))
    await forget_preferences(work.session, fact.message.person_id)
    row.display_name = row.email = row.locale = row.time_zone = None
    release(work, fact.message.person_id)
    await empty(work.session, fact.message.person_id)


async def room_told(fact: ReceivedMessage[RoomEvent], work: MessageContext[Known]) -> None:
    """Keep a room's newest snapshot, its sessions and who may become its host, and queue the letters, once."""
    room = fact.message.room
    if fact.newest:
        row = _row(work, work.loaded.rooms, RoomRow, room_id=room.room_id)
        row.snapshot, row.proposed_in = room.model_dump(mode="json"), row.proposed_in or 0
    _keep_hand_over(fact.message, work.loaded.rooms.get(room.room_id))
    if isinstance(fact.message, RoomReplayed) and fact.newest:
        await _said_again(fact.message, work)
    if isinstance(fact.message, SessionReplayed):
        keep_session(work, fact.message, told_in=fact.envelope.id)
        return
    fact_id = told_in(fact)
    if isinstance(fact.message, SessionEvent):
        if work.loaded.lettered.get(fact_id) is False:
            fact_id = fact.envelope.id
        if not keep_session(work, fact.message, told_in=fact_id):
            return
    _queue_letters(work, fact, fact_id, work.loaded.room(room.room_id) or room)


async def _said_again(fact: RoomReplayed, work: MessageContext[Known]) -> None:
    """Let rooms be right about who is asked to become the host, and about its sessions, whatever was heard before."""
    row = work.loaded.rooms[fact.room.room_id]
    row.proposed_host_id, row.proposed_in = fact.proposed_host_id, fact.room.version
    await let_go_of_sessions(work, fact.room.room_id, but=fact.sessions)


def _keep_hand_over(fact: RoomEvent, row: RoomRow | None) -> None:
    """Keep who is asked to become the host, by the newest fact that says so, whenever it is heard."""
    if row is None or not isinstance(fact, _HAND_OVER) or fact.room.version <= row.proposed_in:
        return
    row.proposed_in = fact.room.version
    row.proposed_host_id = fact.person_id if isinstance(fact, HandOverProposed) else None


async def occupancy_told(fact: ReceivedMessage[OccupancyChanged], work: MessageContext[Known]) -> None:
    """Keep how full a room is."""
    if fact.newest:
        row = _row(work, work.loaded.occupancies, OccupancyRow, room_id=fact.message.room_id)
        row.told = fact.message.model_dump(mode="json")


async def membership_told(fact: ReceivedMessage[MembershipEvent], work: MessageContext[Known]) -> None:
    """Keep where a membership stands, and queue the letters that the fact asks for, once.

    Raises ``RoomUnheardError`` where the room is not known: who decides on a request is not known either.
    """
    membership = fact.message.membership
    room = work.loaded.room(membership.room_id)
    if room is None:
        raise RoomUnheardError(str(membership.room_id))
    _keep_standing(work, fact)
    if not work.loaded.is_erased(membership.person_id):
        _queue_letters(work, fact, fact.envelope.id, room)


def _keep_standing(work: MessageContext[Known], fact: ReceivedMessage[MembershipEvent]) -> None:
    told = fact.message.membership
    row = work.loaded.standings.get(told.membership_id)
    if row is None:
        row = StandingRow(membership_id=told.membership_id, room_id=told.room_id, person_id=told.person_id)
        row.status, row.was_joined = told.status, False
        work.loaded.standings[told.membership_id] = row
        work.session.add(row)
    row.was_joined = row.was_joined or told.status is Status.JOINED
    if fact.newest:
        row.status, row.offer_expires_at, row.role = told.status, told.offer_expires_at, told.role


def _queue_letters(work: MessageContext[Known], fact: ReceivedMessage[Any], fact_id: UUID, room: Room) -> None:
    """Queue the letters that a fact asks for, unless they were written of it, or of the same wish, before."""
    if fact_id in work.loaded.lettered:
        return
    by = fact.message.membership.by if isinstance(fact.message, MembershipEvent) else fact.by
    letters = letters_from(fact_id, fact.message, work.loaded.circle(room), by=by)
    for letter in letters:
        correlation_id = fact.envelope.correlationid or str(fact.envelope.id)
        queue(work, letter, fact.message, fact_id=fact_id, correlation_id=correlation_id)
    if letters:
        work.loaded.lettered[fact_id] = True


def _row(work: MessageContext[Known], rows: dict[UUID, R], kind: type[R], **key: UUID) -> R:
    """Give the row of this key, made where there is none."""
    (identity,) = key.values()
    if identity not in rows:
        rows[identity] = kind(**key)
        work.session.add(rows[identity])
    return rows[identity]
