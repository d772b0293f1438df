"""A room's life: published or discarded, closed and opened again, cancelled or archived (rooms.md, Lifecycle).

A move that was made already changes nothing, and so does the same command with another reason.
"""

from collections.abc import Set
from datetime import datetime

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
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
    LIVE,
    Actor,
    RoomState,
    changed,
    has_say,
    incomplete,
    not_allowed,
    not_in_this_state,
)

_FOR_THE_HOST = "this is for the host of the room to do"


def publish_room(state: RoomState, command: PublishRoom, by: Actor, *, now: datetime) -> RoomPublished | Refusal | None:
    """Show a draft to everybody, from ``now`` (UTC) on; refused with every fault at once where it is not whole."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.PUBLISHED, out_of={RoomStatus.DRAFT}):
        return refusal
    if room.status is RoomStatus.PUBLISHED:
        return None
    published = changed(room, status=RoomStatus.PUBLISHED, published_at=now)
    return incomplete(faults(room)) or RoomPublished(room=published)


def close_room(state: RoomState, command: CloseRoom, by: Actor) -> RoomClosed | Refusal | None:
    """Take no new requests; those in the room and in line go on."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.CLOSED, out_of={RoomStatus.PUBLISHED}):
        return refusal
    if room.status is RoomStatus.CLOSED:
        return None
    return RoomClosed(room=changed(room, status=RoomStatus.CLOSED), reason=command.reason)


def reopen_room(state: RoomState, command: ReopenRoom, by: Actor) -> RoomReopened | Refusal | None:
    """Take requests again."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.PUBLISHED, out_of={RoomStatus.CLOSED}, wished="reopened"):
        return refusal
    if room.status is RoomStatus.PUBLISHED:
        return None
    return RoomReopened(room=changed(room, status=RoomStatus.PUBLISHED), reason=command.reason)


def cancel_room(state: RoomState, command: CancelRoom, by: Actor) -> RoomCancelled | Refusal | None:
    """End the room for good."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.CANCELLED, out_of=LIVE):
        return refusal
    if room.status is RoomStatus.CANCELLED:
        return None
    return RoomCancelled(room=changed(room, status=RoomStatus.CANCELLED), reason=command.reason)


def archive_room(state: RoomState, command: ArchiveRoom, by: Actor) -> RoomArchived | Refusal | None:
    """Finish the room; it stays readable."""
    room = state.room
    if refusal := _refusal(room, by, to=RoomStatus.ARCHIVED, out_of=LIVE):
        return refusal
    if room.status is RoomStatus.ARCHIVED:
        return None
    return RoomArchived(room=changed(room, status=RoomStatus.ARCHIVED))


def discard_draft(state: RoomState, command: DiscardDraft, by: Actor) -> DraftDiscarded | Refusal:
    """Throw a draft away; from then on it is not known, not even to its host."""
    room = state.room
    if not has_say(room, by):
        return not_allowed(_FOR_THE_HOST)
    if room.status is not RoomStatus.DRAFT:
        return not_in_this_state(room, wished="discarded")
    return DraftDiscarded(room=changed(room))


def _refusal(
    room: Room, by: Actor, *, to: RoomStatus, out_of: Set[RoomStatus], wished: str | None = None
) -> Refusal | None:
    """Say why ``by`` cannot move the room to the status ``to``; None where they can, or where it stands there."""
    if not has_say(room, by):
        return not_allowed(_FOR_THE_HOST)
    if room.status is not to and room.status not in out_of:
        return not_in_this_state(room, wished=wished or to)
    return None
