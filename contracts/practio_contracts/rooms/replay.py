"""What rooms is asked to say again, so that others agree with it once more; asked by the system alone."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from practio_contracts.fields import Id
from practio_contracts.message import Command, Part
from practio_contracts.rooms.snapshot import Room


def _room(written: str) -> str:
    try:
        Room.model_validate_json(written)
    except ValidationError as error:
        raise ValueError("a room's snapshot is written here, as JSON") from error
    return written


class ReplayRooms(Command, key="rooms.say-again.v1"):
    """Say how rooms stand and which sessions are to come, though nothing happened to them; by the system."""

    room_ids: Annotated[list[Id], Field(min_length=1, max_length=100)]


class RestoreRoom(Command, key="rooms.take-back.v1"):
    """Know a room again that others were told of and that is not there, without its sessions; by the system.

    ``snapshot`` is how it was told last, as JSON, with fields that are unknown here, as events may have them.
    """

    snapshot: Annotated[str, StringConstraints(max_length=200_000), AfterValidator(_room)]


class RoomsReplayed(Part):
    """How many rooms were said again; the others are not there."""

    rooms: int
