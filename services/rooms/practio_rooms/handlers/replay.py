"""Saying again what others may have missed, such as after a restore; asked by the system alone."""

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    RefusalCode,
    ReplayRooms,
    RestoreRoom,
    Room,
    RoomReplayed,
    RoomsReplayed,
    RoomStatus,
    SessionReplayed,
)
from practio_rooms.domain.room import RoomState
from practio_rooms.store import Loaded
from practio_rooms.store.standing import RoomStanding, is_known, standing_of

NOT_THE_SYSTEM = Refusal(code=RefusalCode.NOT_ALLOWED, detail="only the system may replay or take back rooms")


async def say_rooms_again(command: ReceivedMessage[ReplayRooms], context: MessageContext[Loaded]) -> Done | Refusal:
    """Say rooms and their sessions as they stand, under the numbers that they have.

    Who knows them hears nothing new.
    """
    if not command.as_system:
        return NOT_THE_SYSTEM
    found = await standing_of(context.session, command.message.room_ids, context.now)
    for each in found:
        _say(each, context)
    return Done(RoomsReplayed(rooms=len(found)), changed=False)


async def take_room_back(command: ReceivedMessage[RestoreRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Keep a room that is not there as others were told of it, and say so; one that is there stays as it is."""
    if not command.as_system:
        return NOT_THE_SYSTEM
    told = Room.model_validate_json(command.message.snapshot)
    if await is_known(context.session, told.room_id):
        return Done(told, changed=False)
    room = told.model_copy(update={"next_session_at": None})
    version = room.guidelines.version if room.guidelines else 0
    context.loaded.save(RoomState(room, asked="", guidelines_version=version))
    _say(RoomStanding(room), context)
    return Done(room)


def _say(standing: RoomStanding, context: MessageContext[Loaded]) -> None:
    """Say a room, then its sessions under the same number; what concerns a draft stays among the services."""
    room = standing.room
    among_services = room.status is RoomStatus.DRAFT
    told = RoomReplayed(
        room=room,
        proposed_host_id=standing.proposed_host_id,
        sessions={each.session_id: each.revision for each in standing.sessions},
    )
    each_told = (SessionReplayed(room=room, session=each) for each in standing.sessions)
    for event in (told, *each_told):
        context.publish(event, subject=room.room_id, sequence=room.version, internal_only=among_services)
