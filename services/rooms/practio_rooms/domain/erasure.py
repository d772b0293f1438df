"""What becomes of rooms when a person in their offices is erased (rooms.md, Erasure)."""

from uuid import UUID

from practio_contracts.rooms import Room, RoomClosed, RoomRevised, RoomStatus
from practio_rooms.domain.room import FINAL, RoomState, changed, revised

HOST_IS_GONE = "The host is no longer here, and nobody holds an office who could follow."


def forget_person(state: RoomState, person_id: UUID) -> RoomRevised | RoomClosed | None:
    """Dismiss the person from their offices; a host is followed by the first facilitator, else steward.

    A published room that nobody can host is closed and keeps the id of its host, for it is never without one;
    a draft or closed room just stays as it is. So do rooms that have ended.
    """
    room = state.room
    if room.status in FINAL:
        return None
    heirs = [person for person in (*room.facilitator_ids, *room.steward_ids) if person != person_id]
    if room.host_id != person_id:
        return revised(room, _without(room, person_id))
    if heirs:
        return revised(room, _without(room, heirs[0]).model_copy(update={"host_id": heirs[0]}))
    if room.status is RoomStatus.PUBLISHED:
        return RoomClosed(room=changed(room, status=RoomStatus.CLOSED), reason=HOST_IS_GONE)
    return None


def _without(room: Room, person_id: UUID) -> Room:
    """Leave a person out of the offices under the host."""
    return room.model_copy(
        update={
            "facilitator_ids": [person for person in room.facilitator_ids if person != person_id],
            "steward_ids": [person for person in room.steward_ids if person != person_id],
        }
    )
