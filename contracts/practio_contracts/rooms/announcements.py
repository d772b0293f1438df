"""A word of the host to the people of a room."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

from practio_contracts.fields import PRIVATE, Id, LongText, default_for_null
from practio_contracts.message import Command, Event, Part


class Addressees(StrEnum):
    """To whom an announcement goes: the people in the room, or also those with an offer and on the waitlist."""

    JOINED = "joined"
    EVERYBODY = "everybody"


AddresseesInput = Annotated[Addressees, BeforeValidator(default_for_null, json_schema_input_type=Addressees | None)]


class Announce(Command, key="rooms.announce.v1"):
    """Write to the people in a room, at most twice in seven days; the sender chooses the id."""

    room_id: Id
    announcement_id: Id
    text: Annotated[LongText, StringConstraints(min_length=1, max_length=2_000)]
    to: AddresseesInput = Addressees.JOINED
    session_id: Id | None = None


class Announcement(Part):
    """An announcement without its text, which is not kept."""

    room_id: Id
    announcement_id: Id
    to: Addressees
    by: str
    session_id: Id | None = None


class Announced(Event, key="rooms.announced.v1"):
    """A host or facilitator wrote to the people of a room; ``session_id`` is the session that it is about."""

    room_id: Id
    announcement_id: Id
    to: Addressees
    by: str
    text: Annotated[str, PRIVATE] = ""
    session_id: Id | None = None
