"""Handlers of events about people: how to reach them, in which language and time zone, or that they are erased."""

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_contracts.catalogue import PAGES, source_of
from practio_contracts.mail_addresses import address_key, normal_address
from practio_contracts.people import Person, PersonErased
from practio_notifications.store.former_addresses import keep_former_address
from practio_notifications.store.introductions import is_registered, lock_address
from practio_notifications.store.link_versions import end_links_of
from practio_notifications.store.pending_letters import release
from practio_notifications.store.projections import Projections, find_or_add
from practio_notifications.tables import ContactRow


async def person_changed(event: ReceivedMessage[Person], context: MessageContext[Projections]) -> None:
    """Keep how to reach a person, and let go the letters that waited for it; nothing is kept of an erased person.

    Links in letters to an earlier address end.
    """
    if not event.newest or event.message.person_id in context.erasures or not await _may_register(event, context):
        return
    row = find_or_add(context.session, context.loaded.contacts, ContactRow, person_id=event.message.person_id)
    if row.email and address_key(row.email) != address_key(event.message.email):
        await keep_former_address(context.session, event.message.person_id, address_key(row.email))
        await end_links_of(context.session, event.message.person_id)
    row.display_name, row.email = event.message.display_name, normal_address(event.message.email)
    row.locale, row.time_zone = event.message.locale, event.message.time_zone
    row.introduced, row.registered, row.asked_at = False, True, None
    release(context, event.message.person_id)


async def person_erased(event: ReceivedMessage[PersonErased], context: MessageContext[Projections]) -> None:
    """Let the letters go that wait for a person's address, since there will be none; the chassis erases the person."""
    row = find_or_add(context.session, context.loaded.contacts, ContactRow, person_id=event.message.person_id)
    if row.email:
        await keep_former_address(context.session, event.message.person_id, address_key(row.email))
    row.display_name = row.email = row.locale = row.time_zone = row.asked_at = None
    await end_links_of(context.session, event.message.person_id)
    release(context, event.message.person_id)


async def _may_register(event: ReceivedMessage[Person], context: MessageContext[Projections]) -> bool:
    """Return whether an event may say who a person is: pages may of those who are known by an address alone.

    A directory always may. What pages publishes counts if people may introduce themselves, for the address that the
    link went to, and as long as nobody who is registered has it.
    """
    if event.envelope.source != source_of(PAGES):
        return True
    contact, email = context.loaded.contacts.get(event.message.person_id), address_key(event.message.email)
    if contact is None or contact.email is None or contact.registered or address_key(contact.email) != email:
        return False
    await lock_address(context.session, email)
    return context.settings.may_introduce_themselves and not await is_registered(context.session, email)
