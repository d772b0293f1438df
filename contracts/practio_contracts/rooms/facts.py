"""What happened to a room."""

from practio_contracts.message import Fact
from practio_contracts.rooms.snapshot import Room


class _AboutRoom(Fact):
    room: Room


class RoomDrafted(_AboutRoom, key="rooms.room-drafted.v1"):
    """A room was drafted; said to services alone."""


class RoomRevised(_AboutRoom, key="rooms.room-revised.v1"):
    """A room's statements changed; ``changed_fields`` are names of the snapshot's fields."""

    changed_fields: list[str]


class RoomPublished(_AboutRoom, key="rooms.room-published.v1"):
    """A room takes requests."""


class RoomClosed(_AboutRoom, key="rooms.room-closed.v1"):
    """A room takes no new requests."""

    reason: str | None = None


class RoomReopened(_AboutRoom, key="rooms.room-reopened.v1"):
    """A closed room takes requests again."""

    reason: str | None = None


class RoomCancelled(_AboutRoom, key="rooms.room-cancelled.v1"):
    """A room ended for good."""

    reason: str


class RoomArchived(_AboutRoom, key="rooms.room-archived.v1"):
    """A room is finished and stays readable."""


RoomFact = RoomDrafted | RoomRevised | RoomPublished | RoomClosed | RoomReopened | RoomCancelled | RoomArchived
