"""Rules on names: which names of a room's people another person may see. Pure."""

from collections.abc import Collection
from uuid import UUID

from practio_contracts.rooms import Room, RoomStatus


def is_public(room: Room) -> bool:
    """Return whether everybody may know that a room exists: only its host sees a draft."""
    return room.status is not RoomStatus.DRAFT


def is_known_to(room: Room, person_id: UUID | None) -> bool:
    """Return whether a person, or the system if None, may know that a room exists."""
    return is_public(room) or person_id in (None, room.host_id)


def named_to(
    asker: UUID, room: Room, around: Collection[UUID], seated: Collection[UUID] = frozenset()
) -> frozenset[UUID] | None:
    """Return the people whose names a person may see; None: nobody's.

    ``around`` are the asker if they have a membership in the room, the others in it who were not merely invited, and
    the person proposed as its host; ``seated`` those of them who have a seat: they meet, and see one another's names.
    """
    run_it = frozenset(room.office_ids)
    if asker in run_it:
        return run_it.union(around)
    met = frozenset(seated) if asker in seated else frozenset({asker})
    return run_it | met if asker in around else None
