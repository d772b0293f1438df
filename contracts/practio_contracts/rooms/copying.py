"""Making a room after another one, and the rooms that are related so."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from practio_contracts.fields import Id, ShortText, default_for_null
from practio_contracts.message import Command, Part
from practio_contracts.rooms.snapshot import RoomStatus


class Kept(StrEnum):
    """What a copy may keep of its room: ``notes`` are those that are not confidential."""

    STATEMENTS = "statements"
    ACCESS = "access"
    GUIDELINES = "guidelines"
    ROLES = "roles"
    OFFICES = "offices"
    NOTES = "notes"


KEPT_BY_DEFAULT = (Kept.STATEMENTS, Kept.ACCESS, Kept.GUIDELINES, Kept.ROLES)


def _each_once(kept: list[Kept]) -> list[Kept]:
    return [each for each in Kept if each in kept]


_KeptParts = Annotated[list[Kept], Field(max_length=50), AfterValidator(_each_once)]
KeptInput = Annotated[_KeptParts, BeforeValidator(default_for_null, json_schema_input_type=_KeptParts | None)]


class CopyRoom(Command, key="rooms.copy-room.v1"):
    """Draft a room after another one; by its host or a steward, who is the copy's host and chooses its id.

    Without ``title`` the copy has that of its room. ``keep`` null: all but ``offices`` and ``notes``.
    """

    room_id: Id
    new_room_id: Id
    title: ShortText | None = None
    keep: KeptInput = list(KEPT_BY_DEFAULT)


class RelatedRoom(Part):
    """A room that another one was made after, or that was made after it."""

    room_id: Id
    title: str
    status: RoomStatus
