"""Looking after a room: an internal command, which a timer sends."""

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import LookAfterRoom, RoomStatus
from practio_rooms.domain.care import looked_after, signs_of
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.store import Loaded
from practio_rooms.store.care import care_of, end_care, life_of, save_care


async def look_after_room(command: ReceivedMessage[LookAfterRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Publish that a room has become quiet, or awake, once; a late or repeated command changes nothing.

    A room that is not published is looked after no longer.
    """
    room_id, session, now = command.message.room_id, context.session, context.now
    state = context.loaded.state_of(room_id)
    if state is None:
        return ROOM_UNKNOWN
    await context.loaded.write_before_reading(now)
    if state.room.status is not RoomStatus.PUBLISHED:
        await end_care(session, room_id)
        return Done(state.room, changed=False)
    found = await care_of(session, room_id)
    if found is None:
        return Done(state.room, changed=False)
    before, opened_at = found
    pending = context.loaded.rooms[room_id].pending
    life = await life_of(session, state.room, opened_at, pending=pending, now=now)
    after, event = looked_after(before, signs_of(state.room, life, now), state.room, now)
    await save_care(session, room_id, after, now)
    if event:
        context.publish(event, subject=room_id)
    return Done(state.room, changed=event is not None)
