"""The handler of links that are asked for by an address: one answer for all; a letter to those who have the address."""

from typing import Any
from uuid import UUID, uuid4

from practio_chassis.context import Done, MessageContext
from practio_chassis.received import ReceivedMessage
from practio_chassis.telemetry.log import logger
from practio_contracts.answers import Refusal
from practio_contracts.mail_addresses import address_key, normal_address
from practio_contracts.notifications import LinkAsked, RefusalCode, SendLink
from practio_contracts.rooms import Room
from practio_notifications.letters.introductions import may_ask
from practio_notifications.letters.kinds import INTRODUCE, LINK
from practio_notifications.letters.links import Asking, to_introduce, to_link
from practio_notifications.letters.naming import is_public
from practio_notifications.store.introductions import (
    count_by_themselves,
    keep_introduction,
    lock_address,
)
from practio_notifications.store.links import asking_with, queue_links
from practio_notifications.store.projections import Projections
from practio_notifications.store.suppressions import suppression_of
from practio_notifications.tables import ContactRow, RoomRow

_NO_PAGES = Refusal(code=RefusalCode.NOT_AVAILABLE, detail="this installation has no pages, so no link can be sent")
_LANGUAGE, _ZONE = "en", "UTC"
"""Of an address about which neither the request nor its room says more."""

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
    contact = await context.session.get(ContactRow, asking.person_id)
    if contact is None:
        contact = ContactRow(
            person_id=asking.person_id,
            display_name="",
            email=normal_address(asked.email),
            locale=asked.locale or (room.language if room else _LANGUAGE),
            time_zone=(room and room.time_zone) or _ZONE,
            introduced=True,
            registered=False,
        )
        context.session.add(contact)
    contact.asked_at = context.now
    keep_introduction(context.session, asking.person_id, actor_id=asking.person_id, at=context.now)
    await context.session.flush()


async def _public_room(room_id: UUID | None, context: MessageContext[Projections]) -> Room | None:
    """Return a room that is public; None for other rooms."""
    row = await context.session.get(RoomRow, room_id) if room_id else None
    room = Room.model_validate(row.snapshot) if row else None
    return room if room and is_public(room) else None
