"""The command to thank somebody."""

from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import PersonThanked, Thank, ThanksGiven
from practio_rooms.domain import thanks
from practio_rooms.domain.repetition import fingerprint_of
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.store import Loaded
from practio_rooms.store import thanks as store
from practio_rooms.store.attending import memberships_of


async def thank(command: ReceivedMessage[Thank], context: MessageContext[Loaded]) -> Done | Refusal:
    """Keep and publish a word of thanks."""
    message, by, session = command.message, command.actor, context.session
    if message.person_id == by:
        return thanks.NOT_ONESELF
    state = context.loaded.visible_state(message.room_id, by)
    if state is None:
        return ROOM_UNKNOWN
    around = {message.person_id, by} if isinstance(by, UUID) else set()
    in_room = await memberships_of(session, message.room_id, around)
    refusal = thanks.not_allowed_to_thank(state.room, by, is_in_room=by in in_room)
    if refusal or not isinstance(by, UUID):
        return refusal or thanks.FOR_PEOPLE_IN_THE_ROOM
    fingerprint = fingerprint_of(message, f"{by} ")
    about = {name: getattr(message, name) for name in ("room_id", "thanks_id", "person_id", "seen_by")}
    answer = ThanksGiven(**about, by=by)
    if before := await store.thanks_with(session, message.thanks_id):
        return Done(answer, changed=False) if before == fingerprint else thanks.ID_TAKEN
    if refusal := thanks.not_to_be_thanked(state.room, message, in_room=in_room):
        return refusal
    recent = await store.thanked_since(session, message.room_id, by, context.now - thanks.OF_A_PERSON.within)
    if refusal := thanks.OF_A_PERSON.refusal(recent):
        return refusal
    texts = {"reason": message.reason, "words": message.words}
    await store.save_thanks(session, **about, **texts, author_id=by, asked=fingerprint, thanked_at=context.now)
    event = answer.model_dump() | {"for": message.reason, "words": message.words}
    context.publish(PersonThanked.model_validate(event), subject=message.thanks_id)
    return Done(answer)
