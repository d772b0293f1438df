"""Replay of rooms, so that other services agree with it again; requested by the system alone."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from practio_contracts.fields import Id
from practio_contracts.message import Command, Part
from practio_contracts.rooms.snapshot import Room


def _room(written: str) -> str:
    try:
        Room.model_validate_json(written)
    except ValidationError as error:
        raise ValueError("a room's snapshot is required, as JSON") from error
    return written


class ReplayRooms(Command, key="rooms.say-again.v1"):
    """Publish rooms and their coming sessions again, though nothing happened to them; by the system."""

    room_ids: Annotated[list[Id], Field(min_length=1, max_length=100)]


class RestoreRoom(Command, key="rooms.take-back.v1"):
    """Restore a room that others know and that is missing here, without its sessions; by the system.

    ``snapshot`` is its last published one, as JSON; it may have fields that are unknown here, as in events.
    """

    snapshot: Annotated[str, StringConstraints(max_length=200_000), AfterValidator(_room)]


class RoomsReplayed(Part):
    """How many rooms were published again; the others do not exist."""

    rooms: int
