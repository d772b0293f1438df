"""Handlers of events: they update the projections of people, rooms and memberships, and queue letters."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from practio_chassis.context import MessageContext, NotKnownYetError
from practio_chassis.received import ReceivedMessage
from practio_contracts.mail_addresses import address_key, normal_address
from practio_contracts.membership import MembershipEvent, OccupancyChanged, Status
from practio_contracts.people import Person, PersonErased
from practio_contracts.rooms import (
    DraftDiscarded,
    HandOverDeclined,
    HandOverProposed,
    HostChanged,
    RoomArchived,
    RoomCancelled,
    RoomClosed,
    RoomEvent,
    RoomReplayed,
    SessionCancelled,
    SessionEvent,
    SessionReplayed,
    SessionRescheduled,
)
from practio_notifications.handlers.introductions import may_register
from practio_notifications.handlers.queueing import queue_letters
from practio_notifications.letters.added_dates import is_added
from practio_notifications.letters.compose import causes_letters
from practio_notifications.store.care import end_quiet, keep_quiet
from practio_notifications.store.former_addresses import keep_former_address
from practio_notifications.store.link_versions import end_links_of
from practio_notifications.store.lived_sessions import end_answers_of, end_answers_to, move_plan
from practio_notifications.store.pending_letters import release
from practio_notifications.store.projections import Projections, cause_id_of
from practio_notifications.store.sessions import forget_sessions, keep_session
from practio_notifications.tables import ContactRow, RoomRow, Row

_NOT_OPEN = RoomClosed | RoomCancelled | RoomArchived
_HAND_OVER = HandOverProposed | HandOverDeclined | HostChanged | RoomCancelled | RoomArchived
_LEFT = frozenset({Status.WITHDRAWN, Status.REMOVED})
"""How people leave a room that goes on; if it ends, nobody is asked or reminded any more."""

_ACCEPTED = (Status.JOINED, Status.WAITLISTED)
"""What an invitation becomes once the person accepts it."""

R = TypeVar("R", bound=Row)


async def person_changed(event: ReceivedMessage[Person], context: MessageContext[Projections]) -> None:
    """Keep how to reach a person, and let go the letters that waited for it; nothing is kept of an erased person.

    Links in letters to an earlier address end.
    """
    if not event.newest or event.message.person_id in context.erasures or not await may_register(event, context):
        return
    row = _row(context, context.loaded.contacts, ContactRow, person_id=event.message.person_id)
    if row.email and address_key(row.email) != address_key(event.message.email):
        await keep_former_address(context.session, event.message.person_id, address_key(row.email))
        await end_links_of(context.session, event.message.person_id)
    row.display_name, row.email = event.message.display_name, normal_address(event.message.email)
    row.locale, row.time_zone = event.message.locale, event.message.time_zone
    row.introduced, row.registered, row.asked_at = False, True, None
    release(context, event.message.person_id)


async def person_erased(event: ReceivedMessage[PersonErased], context: MessageContext[Projections]) -> None:
    """Let the letters go that wait for a person's address, since there will be none; the chassis erases the person."""
    row = _row(context, context.loaded.contacts, ContactRow, person_id=event.message.person_id)
    if row.email:
        await keep_former_address(context.session, event.message.person_id, address_key(row.email))
    row.display_name = row.email = row.locale = row.time_zone = row.asked_at = None
    await end_links_of(context.session, event.message.person_id)
    release(context, event.message.person_id)


async def room_changed(event: ReceivedMessage[RoomEvent], context: MessageContext[Projections]) -> None:
    """Store a room's newest snapshot, its sessions and its proposed host, and queue the letters, once."""
    room = event.message.room
    if isinstance(event.message, DraftDiscarded):
        await _forget_draft(context, room.room_id)
        return
    if event.newest:
        row = _row(context, context.loaded.rooms, RoomRow, room_id=room.room_id)
        row.snapshot, row.proposed_in = room.model_dump(mode="json"), row.proposed_in or 0
    _keep_hand_over(event.message, context.loaded.rooms.get(room.room_id))
    await _keep_quiet_or_replayed(event, context)
    if isinstance(event.message, SessionReplayed):
        known = context.loaded.sessions.get(event.message.session.session_id)
        was_added = known is not None and known.was_added
        keep_session(context, event.message, cause_id=event.envelope.id, was_added=was_added)
        return
    event_id = cause_id_of(event)
    if isinstance(event.message, SessionRescheduled | SessionCancelled):
        await context.session.flush()
        await end_answers_to(context.session, event.message.session.session_id, at=event.envelope.time)
    if isinstance(event.message, SessionEvent):
        if context.loaded.lettered.get(event_id) is False:
            event_id = event.envelope.id
        was_added = is_added(event.message, event.by)
        is_newest = keep_session(context, event.message, cause_id=event_id, was_added=was_added)
        if is_newest and isinstance(event.message, SessionRescheduled):
            about = event.message.session
            await move_plan(context.session, about.session_id, ends_at=about.ends_at)
        if not is_newest or was_added:
            return
    queue_letters(context, event, event_id, context.loaded.room(room.room_id) or room)


async def _keep_quiet_or_replayed(event: ReceivedMessage[RoomEvent], context: MessageContext[Projections]) -> None:
    """Forget the signs of a room that is open no longer, and accept a replay that is not older than what is known."""
    if isinstance(event.message, _NOT_OPEN):
        await end_quiet(context.session, event.message.room.room_id, at=event.envelope.time)
    if isinstance(event.message, RoomReplayed) and event.newest:
        await _replayed(event.message, context, at=event.envelope.time)


async def _forget_draft(context: MessageContext[Projections], room_id: UUID) -> None:
    """Delete a draft that was discarded; a letter about it is not sent any more."""
    if (row := context.loaded.rooms.pop(room_id, None)) is not None:
        await context.session.flush()
        await context.session.delete(row)


async def _replayed(event: RoomReplayed, context: MessageContext[Projections], *, at: datetime) -> None:
    """Accept what rooms replays about the proposed host, the sessions and signs, whatever was received before."""
    row = context.loaded.rooms[event.room.room_id]
    row.proposed_host_id, row.proposed_in = event.proposed_host_id, event.room.version
    await forget_sessions(context, event.room.room_id, but=event.sessions)
    if event.signs is not None:
        await keep_quiet(
            context.session, event.room.room_id, event.signs, since=event.quiet_since, at=at, now=context.now
        )


def _keep_hand_over(event: RoomEvent, row: RoomRow | None) -> None:
    """Store the proposed host by the newest event about it, in whichever order events arrive."""
    if row is None or not isinstance(event, _HAND_OVER) or event.room.version <= row.proposed_in:
        return
    row.proposed_in = event.room.version
    row.proposed_host_id = event.person_id if isinstance(event, HandOverProposed) else None


async def occupancy_changed(event: ReceivedMessage[OccupancyChanged], context: MessageContext[Projections]) -> None:
    """Keep how full a room is."""
    if event.newest:
        context.loaded.occupancies.record(event.message)


async def membership_changed(event: ReceivedMessage[MembershipEvent], context: MessageContext[Projections]) -> None:
    """Store a membership's state, and queue the letters that the event causes, once.

    Leaving ends what the person answered to the sessions to come, as it does in rooms.

    Raise ``NotKnownYetError`` if letters are due and the room is not known: their readers and texts are not, either.
    """
    membership = event.message.membership
    context.loaded.memberships.record(event)
    if membership.status in _LEFT:
        await context.session.flush()
        await end_answers_of(context.session, membership.person_id, membership.room_id, at=membership.since)
    contact = context.loaded.contacts.get(membership.person_id)
    if contact is not None:
        contact.asked_at = None
        contact.introduced = contact.introduced and membership.status not in _ACCEPTED
    if membership.person_id in context.erasures or not causes_letters(event.message):
        return
    room = context.loaded.room(membership.room_id)
    if room is None:
        raise NotKnownYetError("room-unknown", f"no event of the room {membership.room_id} has arrived")
    queue_letters(context, event, event.envelope.id, room)


def _row(context: MessageContext[Projections], rows: dict[UUID, R], kind: type[R], **key: UUID) -> R:
    """Return the row of this key; create it if it does not exist."""
    (identity,) = key.values()
    if identity not in rows:
        rows[identity] = kind(**key)
        context.session.add(rows[identity])
    return rows[identity]
