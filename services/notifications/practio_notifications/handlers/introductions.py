"""Introductions: an address that nobody knows becomes a person, by an office that invites them or by themselves."""

from uuid import UUID, uuid4

from practio_chassis.context import Done, MessageContext
from practio_chassis.received import ReceivedMessage
from practio_chassis.telemetry.log import logger
from practio_contracts.answers import Refusal
from practio_contracts.catalogue import PAGES, source_of
from practio_contracts.mail_addresses import address_key, normal_address
from practio_contracts.notifications import Introduce, Introduced
from practio_contracts.people import Person
from practio_contracts.recipients import can_leave_to
from practio_contracts.rooms import Room
from practio_notifications.letters.introductions import UNREACHABLE, may_introduce, too_many
from practio_notifications.store.introductions import (
    is_registered,
    keep_introduction,
    lock_address,
    lock_introductions,
    most_by_since,
    most_in_all_since,
    most_of_since,
    person_with,
)
from practio_notifications.store.projections import Projections
from practio_notifications.tables import ContactRow, RoomRow

_LANGUAGE, _ZONE = "en", "UTC"
"""Of a person about whom neither the introduction nor a room says more."""

_log = logger(__name__)


async def introduce(command: ReceivedMessage[Introduce], context: MessageContext[Projections]) -> Done | Refusal:
    """Return the id of the person with an address, or of a new one; the answer does not tell which.

    An id without a time in it neither tells when its person became known.
    """
    if not can_leave_to(command.message.email):
        return UNREACHABLE
    room_id, actor = command.message.room_id, None if command.as_system else UUID(command.by)
    room = await _room(room_id, context)
    refusal = may_introduce(room_id, room, actor, now=context.now) or await _too_many(actor, context)
    if refusal is not None:
        return refusal
    person = await person_with(context.session, address_key(command.message.email))
    if person is not None:
        refusal = too_many(await most_of_since(context.session, person.person_id, context.now))
        if refusal is not None:
            return refusal
    else:
        person = _contact(uuid4(), command.message, room)
        context.session.add(person)
    person.asked_at = None
    keep_introduction(context.session, person.person_id, actor_id=actor, at=context.now)
    await context.session.flush()
    return Done(Introduced(person_id=person.person_id))


async def _too_many(actor: UUID | None, context: MessageContext[Projections]) -> Refusal | None:
    """Return a refusal if the actor, or everybody together, has introduced too many; let nobody else until the end."""
    await lock_introductions(context.session)
    most = context.settings.invited_addresses_per_day
    in_all = too_many(await most_in_all_since(context.session, context.now, most))
    if in_all is not None:
        _log.warning("nobody is introduced by others: invited_addresses_per_day are used up", most=most)
    return too_many(await most_by_since(context.session, actor, context.now)) or in_all


async def may_register(event: ReceivedMessage[Person], context: MessageContext[Projections]) -> bool:
    """Return whether an event may say who a person is: pages may of those who are known by an address alone.

    A directory always may. What pages publishes counts if people may introduce themselves, for the address that the
    link went to, and as long as nobody who is registered has it.
    """
    if event.envelope.source != source_of(PAGES):
        return True
    contact, email = context.loaded.contacts.get(event.message.person_id), address_key(event.message.email)
    if contact is None or contact.email is None or contact.registered or address_key(contact.email) != email:
        return False
    await context.session.flush()
    await lock_address(context.session, email)
    return context.settings.may_introduce_themselves and not await is_registered(context.session, email)


async def _room(room_id: UUID | None, context: MessageContext[Projections]) -> Room | None:
    row = await context.session.get(RoomRow, room_id) if room_id else None
    return Room.model_validate(row.snapshot) if row else None


def _contact(person_id: UUID, introduction: Introduce, room: Room | None) -> ContactRow:
    return ContactRow(
        person_id=person_id,
        display_name=introduction.display_name or "",
        email=normal_address(introduction.email),
        locale=introduction.locale or (room.language if room else _LANGUAGE),
        time_zone=introduction.time_zone or (room and room.time_zone) or _ZONE,
        introduced=True,
        registered=False,
    )
