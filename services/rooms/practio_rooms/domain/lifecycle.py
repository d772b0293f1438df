"""A room's lifecycle: published or discarded, closed and reopened, cancelled or archived.

A command whose status is reached already changes nothing, even if it states another reason.
"""

from collections.abc import Set
from datetime import datetime

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    LIVE_ROOM,
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    DiscardDraft,
    DraftDiscarded,
    PublishRoom,
    ReopenRoom,
    Room,
    RoomArchived,
    RoomCancelled,
    RoomClosed,
    RoomPublished,
    RoomReopened,
    RoomStatus,
)
from practio_rooms.domain.completeness import faults
from practio_rooms.domain.room import (
    Actor,
    RoomState,
    changed,
    incomplete,
    is_host_or_system,
    not_allowed,
    not_in_this_state,
)

_FOR_THE_HOST = "this is for the host of the room to do"


def publish_room(state: RoomState, command: PublishRoom, by: Actor, *, now: datetime) -> RoomPublished | Refusal | None:
    """Publish a draft at ``now`` (UTC); an incomplete one is refused with all its faults at once."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.PUBLISHED, out_of={RoomStatus.DRAFT}):
        return refusal
    if room.status is RoomStatus.PUBLISHED:
        return None
    published = changed(room, status=RoomStatus.PUBLISHED, published_at=now)
    return incomplete(faults(room)) or RoomPublished(room=published)


def close_room(state: RoomState, command: CloseRoom, by: Actor) -> RoomClosed | Refusal | None:
    """Close the room to new requests; the people in the room and on the waitlist stay."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.CLOSED, out_of={RoomStatus.PUBLISHED}):
        return refusal
    if room.status is RoomStatus.CLOSED:
        return None
    return RoomClosed(room=changed(room, status=RoomStatus.CLOSED), reason=command.reason)


def reopen_room(state: RoomState, command: ReopenRoom, by: Actor) -> RoomReopened | Refusal | None:
    """Reopen the room to requests."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.PUBLISHED, out_of={RoomStatus.CLOSED}, action="reopened"):
        return refusal
    if room.status is RoomStatus.PUBLISHED:
        return None
    return RoomReopened(room=changed(room, status=RoomStatus.PUBLISHED), reason=command.reason)


def cancel_room(state: RoomState, command: CancelRoom, by: Actor) -> RoomCancelled | Refusal | None:
    """End the room for good."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.CANCELLED, out_of=LIVE_ROOM):
        return refusal
    if room.status is RoomStatus.CANCELLED:
        return None
    return RoomCancelled(room=changed(room, status=RoomStatus.CANCELLED), reason=command.reason)


def archive_room(state: RoomState, command: ArchiveRoom, by: Actor) -> RoomArchived | Refusal | None:
    """Archive the room; it stays readable."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.ARCHIVED, out_of=LIVE_ROOM):
        return refusal
    if room.status is RoomStatus.ARCHIVED:
        return None
    return RoomArchived(room=changed(room, status=RoomStatus.ARCHIVED))


def discard_draft(state: RoomState, command: DiscardDraft, by: Actor) -> DraftDiscarded | Refusal:
    """Discard a draft; from then on it is unknown, even to its host."""
    room = state.room
    if not is_host_or_system(room, by):
        return not_allowed(_FOR_THE_HOST)
    if room.status is not RoomStatus.DRAFT:
        return not_in_this_state(room, action="discarded")
    return DraftDiscarded(room=changed(room))


def _refusal(
    room: Room, by: Actor, *, to: RoomStatus, out_of: Set[RoomStatus], action: str | None = None
) -> Refusal | None:
    """Return why ``by`` cannot bring the room to the status ``to``; None if they can, or if it has that status."""
    if not is_host_or_system(room, by):
        return not_allowed(_FOR_THE_HOST)
    if room.status is not to and room.status not in out_of:
        return not_in_this_state(room, action=action or to)
    return None
