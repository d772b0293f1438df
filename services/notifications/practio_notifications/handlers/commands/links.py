"""Handlers of links: asked for by an address, with one answer for all, and ended by their person."""

from typing import Any
from uuid import UUID, uuid4

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_chassis.telemetry.log import logger
from practio_contracts.answers import Refusal
from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import EndLinks, LinkAsked, LinkVersion, RefusalCode, SendLink
from practio_contracts.rooms import Room
from practio_notifications.letters.introductions import may_ask
from practio_notifications.letters.kinds import INTRODUCE, LINK
from practio_notifications.letters.links import Asking, to_introduce, to_link
from practio_notifications.letters.visible_names import is_public
from practio_notifications.store.contacts import add_contact, contact_of
from practio_notifications.store.introductions import (
    count_by_themselves,
    keep_introduction,
    lock_address,
)
from practio_notifications.store.link_versions import end_links_of
from practio_notifications.store.links import asking_with, queue_links
from practio_notifications.store.projections import Projections
from practio_notifications.store.rooms import room_with
from practio_notifications.store.suppressions import suppression_of

_NO_PAGES = Refusal(code=RefusalCode.NOT_AVAILABLE, detail="this installation has no pages, so no link can be sent")
_NOT_THEIR_LINKS = Refusal(
    code=RefusalCode.NOT_ALLOWED, detail="people can end only their own links: use the link in one of your own emails"
)

_log = logger(__name__)


async def send_link(command: ReceivedMessage[SendLink], context: MessageContext[Projections]) -> Done | Refusal:
    """Queue a letter to each person with an address; the answer is the same whether there are any or not.

    If people may introduce themselves, the owner of an address that nobody knows is asked who they are.
    """
    if context.settings.pages_url is None:
        return _NO_PAGES
    asked, email = command.message, address_key(command.message.email)
    room = await _public_room(asked.room_id, context)
    letter: dict[str, Any] = {
        "room_id": room.room_id if room else None,
        "event_id": command.envelope.id,
        "now": context.now,
        "correlation_id": command.envelope.correlationid or str(command.envelope.id),
        "traceparent": context.traceparent,
    }
    if context.settings.may_introduce_themselves:
        await lock_address(context.session, email)
    people = await asking_with(context.session, email)
    await queue_links(context.session, LINK, to_link(people, context.now), **letter)
    if context.settings.may_introduce_themselves:
        people = people or await _stranger(email, context)
        asking = [each for each in to_introduce(people, context.now) if await _may_ask(each, context)]
        for each in asking:
            await _keep(each, asked, room, context)
        await queue_links(context.session, INTRODUCE, asking, **letter)
    return Done(LinkAsked(email=asked.email))


async def _stranger(email: str, context: MessageContext[Projections]) -> list[Asking]:
    """Return a new person for an address that nobody knows; nobody has a suppressed one."""
    if await suppression_of(context.session, email) is not None:
        return []
    return [Asking(uuid4(), registered=False, only_asks=True, last_at=None)]


async def _may_ask(asking: Asking, context: MessageContext[Projections]) -> bool:
    """Return whether a letter may ask who this is; strangers get few, and all of them together not too many."""
    in_all, most = await count_by_themselves(context.session, context.now), context.settings.introductions_per_day
    if in_all >= most:
        _log.warning("nobody is asked to introduce themselves: introductions_per_day are used up", most=most)
    to_address = await count_by_themselves(context.session, context.now, asking.person_id)
    return may_ask(to_address=to_address, in_all=in_all, most_in_all=most)


async def _keep(asking: Asking, asked: SendLink, room: Room | None, context: MessageContext[Projections]) -> None:
    """Keep the address of a person who is asked who they are, and count the letter."""
    contact = await contact_of(context.session, asking.person_id)
    if contact is None:
        contact = add_contact(context.session, asking.person_id, asked.email, room, locale=asked.locale)
    contact.asked_at = context.now
    await keep_introduction(context.session, asking.person_id, actor_id=asking.person_id, at=context.now)


async def _public_room(room_id: UUID | None, context: MessageContext[Projections]) -> Room | None:
    """Return a room that is public; None for other rooms."""
    room = await room_with(context.session, room_id) if room_id else None
    return room if room and is_public(room) else None


async def end_links(command: ReceivedMessage[EndLinks], context: MessageContext[Projections]) -> Done | Refusal:
    """End all links of a person, or the address of their calendar alone; one who is not known has none."""
    person_id = command.message.person_id
    if not command.as_system and command.actor != person_id:
        return _NOT_THEIR_LINKS
    following = await end_links_of(context.session, person_id, command.message.only)
    return Done(following or LinkVersion(person_id=person_id, version=0), changed=following is not None)
