"""Care for rooms: the signs that a published room has become quiet."""

from enum import StrEnum

from practio_contracts.fields import Id, Instant
from practio_contracts.message import Event, InternalCommand


class Sign(StrEnum):
    """A sign that a room is quiet."""

    NO_COMING_SESSION = "no-coming-session"
    NONE_HELD = "none-held"
    FEW_COME = "few-come"
    REQUESTS_UNANSWERED = "requests-unanswered"
    NO_HOST = "no-host"


class RoomQuiet(Event, key="rooms.room-quiet.v1"):
    """A published room has a new sign of being quiet; published once for each new sign.

    ``signs`` are all signs that it has now, ``since`` is when the first of them was seen: the same instant until no
    sign is left.
    """

    room_id: Id
    signs: list[Sign]
    since: Instant


class RoomAwake(Event, key="rooms.room-awake.v1"):
    """No sign is left that a published room is quiet; published once."""

    room_id: Id


class LookAfterRoom(InternalCommand, key="rooms.look-after-room.v1"):
    """It is time to see whether a room has become quiet, or awake; an internal command."""

    room_id: Id
