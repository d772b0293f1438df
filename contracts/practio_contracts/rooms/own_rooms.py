"""A person's own rooms: the query and its result (contracts.md, The host's desk)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from practio_contracts.fields import Cursor, Id, Instant, Page
from practio_contracts.message import Part, Query
from practio_contracts.rooms.queries import PublicRoom
from practio_contracts.rooms.snapshot import Room, RoomStatus
from practio_contracts.rooms.sponsors import RegisteredSponsor


class OwnOffice(StrEnum):
    """What a person is in a room of their own; the first of these if they are several."""

    HOST = "host"
    FACILITATOR = "facilitator"
    STEWARD = "steward"
    PARTICIPANT = "participant"


class ListOwnRooms(Query, key="rooms.list-own-rooms.v1"):
    """List the rooms that a person runs or is in, for that person and the system; result: ``OwnRooms``.

    Those that meet soonest come first. Without ``status``, rooms of every status are listed.
    """

    person_id: Id
    office: OwnOffice | None = None
    status: Annotated[list[RoomStatus], Field(min_length=1, max_length=10)] | None = None
    limit: Page = 20
    after: Cursor | None = None


class OwnRoom(Part):
    """A room of a person's own.

    ``last_session_at`` is the start of the last session that has begun and was not cancelled. ``pending`` is how many
    requests wait for a decision, ``waiting`` how many people wait for a seat. The place and link of a room that has
    ended are for its offices alone.
    """

    room: PublicRoom | Room
    office: OwnOffice
    next_session_at: Instant | None = None
    last_session_at: Instant | None = None
    seats_free: int
    waiting: int
    pending: int


class OwnRooms(Part):
    """A page of a person's own rooms; ``after`` is null on the last page.

    ``sponsors`` are those whose delegate the person is, on the first page.
    """

    rooms: list[OwnRoom]
    after: str | None
    sponsors: list[RegisteredSponsor] = []
