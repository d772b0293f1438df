"""The commands about a room's offices: appointing, dismissing, handing the room over."""

from enum import StrEnum

from practio_contracts.fields import Id
from practio_contracts.message import Command


class Office(StrEnum):
    """An office under the host."""

    FACILITATOR = "facilitator"
    STEWARD = "steward"


class Appoint(Command, key="rooms.appoint.v1"):
    """Appoint a person to an office of the room."""

    room_id: Id
    person_id: Id
    office: Office


class Dismiss(Command, key="rooms.dismiss.v1"):
    """Take a person's office away, or lay down one's own."""

    room_id: Id
    person_id: Id
    office: Office


class HandOver(Command, key="rooms.hand-over.v1"):
    """Propose that a person become the room's host."""

    room_id: Id
    person_id: Id


class AcceptHandOver(Command, key="rooms.accept-hand-over.v1"):
    """Become the host, as was proposed."""

    room_id: Id
    person_id: Id


class DeclineHandOver(Command, key="rooms.decline-hand-over.v1"):
    """Decline a hand-over, by the person who was proposed; or take it back, by the host."""

    room_id: Id
    person_id: Id
