"""The handler of introductions: an address that nobody knows becomes a person who can be invited."""

from uuid import UUID

from uuid_utils.compat import uuid7

from practio_chassis.context import Done, MessageContext
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.mail_addresses import address_key, normal_address
from practio_contracts.notifications import Introduce, Introduced, RefusalCode
from practio_contracts.rooms import Room
from practio_notifications.letters.introductions import may_introduce, too_many
from practio_notifications.store.introductions import introductions_of, keep_introduction, person_with
from practio_notifications.store.projections import Projections
from practio_notifications.tables import ContactRow, RoomRow

_NO_ROOM = Refusal(code=RefusalCode.ROOM_UNKNOWN, detail="there is no room with this id: check the id")
_LANGUAGE, _ZONE = "en", "UTC"
"""Of a person about whom neither the introduction nor a room says more."""


async def introduce(command: ReceivedMessage[Introduce], context: MessageContext[Projections]) -> Done | Refusal:
    """Return the id of the person with an address, or of a new one; the answer does not tell which."""
    room = await _room(command.message.room_id, context)
    if command.message.room_id is not None and room is None:
        return _NO_ROOM
    actor = None if command.as_system else UUID(command.by)
    refusal = may_introduce(room, actor)
    refusal = refusal or too_many(await introductions_of(context.session, actor, context.now))
    if refusal is not None:
        return refusal
    person_id = await person_with(context.session, address_key(command.message.email))
    if person_id is None:
        person_id = uuid7()
        context.session.add(_contact(person_id, command.message, room))
    keep_introduction(context.session, person_id, actor_id=actor, at=context.now)
    await context.session.flush()
    return Done(Introduced(person_id=person_id))


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
    )
