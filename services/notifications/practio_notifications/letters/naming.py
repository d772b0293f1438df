"""Who learns how others in a room are called: pure, of its offices and who is, or was, on a way into it."""

from collections.abc import Collection
from uuid import UUID

from practio_contracts.rooms import Room, RoomStatus
from practio_notifications.letters.recipients import offices


def is_public(room: Room) -> bool:
    """Say whether everybody may know that a room is there: of a draft its host alone does."""
    return room.status is not RoomStatus.DRAFT


def named_to(asker: UUID, room: Room, around: Collection[UUID]) -> frozenset[UUID] | None:
    """Give whose names somebody may learn; None: nobody's.

    ``around`` are people who have a standing in the room, or are asked to become its host.
    """
    run_it = frozenset(offices(room))
    if asker in run_it:
        return run_it.union(around)
    return run_it if asker in around else None
