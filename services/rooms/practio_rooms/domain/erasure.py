"""The changes of rooms when a person in their offices is erased."""

from uuid import UUID

from practio_contracts.rooms import DraftDiscarded, HandOverDeclined, RoomClosed, RoomEvent, RoomStatus
from practio_rooms.domain.hand_over import host_changed
from practio_rooms.domain.offices import dismissed
from practio_rooms.domain.room import RoomState, changed, evolve

PERSON_IS_GONE = "The person is no longer here."
HOST_IS_GONE = "The host is no longer here."
NOBODY_FOLLOWS = "The host is no longer here, and nobody holds an office who could follow."


def erase_person(state: RoomState, person_id: UUID) -> list[RoomEvent]:
    """Return the events, in order: a hand-over to or from the person lapses, then they leave their office.

    A host is followed by the first facilitator, or else the first steward. Without either, a published room is closed
    and keeps the id of its host, because a room is never without one; a room that is closed or has ended stays as it
    is; a draft, which nobody else may see, is discarded.
    """
    lapsed = _lapsed(state, person_id)
    left = _left(evolve(state, lapsed) if lapsed else state, person_id)
    return [event for event in (lapsed, left) if event]


def _lapsed(state: RoomState, person_id: UUID) -> HandOverDeclined | None:
    proposed = state.proposed_host_id
    if proposed is None or person_id not in (proposed, state.room.host_id):
        return None
    reason = PERSON_IS_GONE if person_id == proposed else HOST_IS_GONE
    return HandOverDeclined(room=changed(state.room), person_id=proposed, reason=reason)


def _left(state: RoomState, person_id: UUID) -> RoomEvent | None:
    room = state.room
    if room.host_id != person_id:
        return dismissed(room, person_id)
    if heirs := [*room.facilitator_ids, *room.steward_ids]:
        return host_changed(room, heirs[0], reason=HOST_IS_GONE)
    match room.status:
        case RoomStatus.DRAFT:
            return DraftDiscarded(room=changed(room), reason=NOBODY_FOLLOWS)
        case RoomStatus.PUBLISHED:
            return RoomClosed(room=changed(room, status=RoomStatus.CLOSED), reason=NOBODY_FOLLOWS)
        case _:
            return None
