"""Replay of rooms, for example after a restore; only the system sends these commands."""

from collections.abc import Set
from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
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
from practio_rooms.handlers.commands.sponsors import event_of
from practio_rooms.store import Loaded
from practio_rooms.store.replay import ReplayedRoom, load_for_replay, room_exists
from practio_rooms.store.sponsors import registered_sponsors

NOT_THE_SYSTEM = Refusal(code=RefusalCode.NOT_ALLOWED, detail="only the system may replay or take back rooms")


async def replay_rooms(command: ReceivedMessage[ReplayRooms], context: MessageContext[Loaded]) -> Done | Refusal:
    """Publish the current snapshots of rooms and their sessions again, under the sequence numbers that they have.

    Consumers that have them ignore them.
    """
    if not command.as_system:
        return NOT_THE_SYSTEM
    found = await load_for_replay(context.session, command.message.room_ids, context.now)
    for each in found:
        _publish_replay(each, context)
    await _publish_sponsors({each.room.sponsor.sponsor_id for each in found} - {None}, context)
    return Done(RoomsReplayed(rooms=len(found)), changed=False)


async def restore_room(command: ReceivedMessage[RestoreRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Save a missing room as it was last published, and publish it; an existing one stays as it is."""
    if not command.as_system:
        return NOT_THE_SYSTEM
    snapshot = Room.model_validate_json(command.message.snapshot)
    if await room_exists(context.session, snapshot.room_id):
        return Done(snapshot, changed=False)
    room = snapshot.model_copy(update={"next_session_at": None})
    version = room.guidelines.version if room.guidelines else 0
    context.loaded.save(RoomState(room, fingerprint="", guidelines_version=version))
    _publish_replay(ReplayedRoom(room), context)
    return Done(room)


async def _publish_sponsors(ids: Set[UUID | None], context: MessageContext[Loaded]) -> None:
    """Publish the sponsors of rooms again, with the sequence that they have."""
    sponsors = await registered_sponsors(context.session, {each for each in ids if each})
    for sponsor_id, sponsor in sorted(sponsors.registered.items()):
        context.publish(event_of(sponsor), subject=sponsor_id, sequence=sponsors.versions[sponsor_id])


def _publish_replay(replayed: ReplayedRoom, context: MessageContext[Loaded]) -> None:
    """Publish a room, then its sessions with the same sequence; a draft is for services only."""
    room = replayed.room
    internal_only = room.status is RoomStatus.DRAFT
    room_event = RoomReplayed(
        room=room,
        proposed_host_id=replayed.proposed_host_id,
        sessions={each.session_id: each.revision for each in replayed.sessions},
        signs=list(replayed.care.signs),
        quiet_since=replayed.care.since,
    )
    session_events = (SessionReplayed(room=room, session=each) for each in replayed.sessions)
    for event in (room_event, *session_events):
        context.publish(event, subject=room.room_id, sequence=room.version, internal_only=internal_only)
