"""Introductions: an address that nobody knows becomes a person, by an office that invites them or by themselves."""

from uuid import UUID, uuid4

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_chassis.telemetry.log import logger
from practio_contracts.answers import Refusal
from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import Introduce, Introduced
from practio_contracts.recipients import can_leave_to
from practio_notifications.letters.introductions import UNREACHABLE, may_introduce, too_many
from practio_notifications.store.contacts import add_contact
from practio_notifications.store.introductions import (
    keep_introduction,
    lock_introductions,
    most_by_since,
    most_in_all_since,
    most_of_since,
    person_with,
)
from practio_notifications.store.projections import Projections
from practio_notifications.store.rooms import room_with

_log = logger(__name__)


async def introduce(command: ReceivedMessage[Introduce], context: MessageContext[Projections]) -> Done | Refusal:
    """Return the id of the person with an address, or of a new one; the answer does not tell which.

    An id without a time in it neither tells when its person became known.
    """
    if not can_leave_to(command.message.email):
        return UNREACHABLE
    room_id, actor = command.message.room_id, None if command.as_system else UUID(command.by)
    room = await room_with(context.session, room_id) if room_id else None
    refusal = may_introduce(room_id, room, actor, now=context.now) or await _too_many(actor, context)
    if refusal is not None:
        return refusal
    person = await person_with(context.session, address_key(command.message.email))
    if person is not None:
        refusal = too_many(await most_of_since(context.session, person.person_id, context.now))
        if refusal is not None:
            return refusal
    else:
        asked = command.message
        person = add_contact(
            context.session,
            uuid4(),
            asked.email,
            room,
            name=asked.display_name,
            locale=asked.locale,
            time_zone=asked.time_zone,
        )
    person.asked_at = None
    await keep_introduction(context.session, person.person_id, actor_id=actor, at=context.now)
    return Done(Introduced(person_id=person.person_id))


async def _too_many(actor: UUID | None, context: MessageContext[Projections]) -> Refusal | None:
    """Return a refusal if the actor, or everybody together, has introduced too many; let nobody else until the end."""
    await lock_introductions(context.session)
    most = context.settings.invited_addresses_per_day
    in_all = too_many(await most_in_all_since(context.session, context.now, most))
    if in_all is not None:
        _log.warning("nobody is introduced by others: invited_addresses_per_day are used up", most=most)
    return too_many(await most_by_since(context.session, actor, context.now)) or in_all
