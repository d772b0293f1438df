"""A person's own rooms: the query and its result."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from practio_contracts.fields import Cursor, Flag, Id, Instant, Page, default_for_null
from practio_contracts.message import Part, Query
from practio_contracts.rooms.care import Sign
from practio_contracts.rooms.queries import PublicRoom
from practio_contracts.rooms.snapshot import Room, RoomStatus
from practio_contracts.rooms.sponsors import RegisteredSponsor


class OwnOffice(StrEnum):
    """What a person is in a room of their own; the first of these if they are several."""

    HOST = "host"
    FACILITATOR = "facilitator"
    STEWARD = "steward"
    PARTICIPANT = "participant"


class OwnOrder(StrEnum):
    """The order of a person's own rooms: those that meet soonest first, or those that need care most."""

    SOONEST = "soonest"
    QUIETEST = "quietest"


OwnOrderInput = Annotated[OwnOrder, BeforeValidator(default_for_null, json_schema_input_type=OwnOrder | None)]


class ListOwnRooms(Query, key="rooms.list-own-rooms.v1"):
    """List the rooms that a person runs or is in, for that person and the system; result: ``OwnRooms``.

    Those that meet soonest come first, or, in the ``order`` ``quietest``, those without a host, then those with most
    signs, then those that have been quiet longest, then all others, soonest first. Without ``status``, rooms of every
    status are listed, and without ``office`` those in which the person holds any or takes part. ``runs``: only those
    in which they hold an office; ``quiet``: only those that they run and that have a sign.
    """

    person_id: Id
    office: OwnOffice | None = None
    status: Annotated[list[RoomStatus], Field(min_length=1, max_length=10)] | None = None
    order: OwnOrderInput = OwnOrder.SOONEST
    runs: Flag = False
    quiet: Flag = False
    limit: Page = 20
    after: Cursor | None = None


class OwnRoom(Part):
    """A room of a person's own.

    ``last_session_at`` is the start of the last session that has begun and was not cancelled. ``pending`` is how many
    requests wait for a decision, ``waiting`` how many people wait for a seat. The place and link of a room that has
    ended are for its offices alone; so are ``signs`` that it is quiet, and ``quiet_since`` when: both are null for
    others, and in answers of earlier releases.
    """

    room: PublicRoom | Room
    office: OwnOffice
    next_session_at: Instant | None = None
    last_session_at: Instant | None = None
    seats_free: int
    waiting: int
    pending: int
    signs: list[Sign] | None = None
    quiet_since: Instant | None = None


class ProposedHandOver(Part):
    """A room whose host the person is asked to become."""

    room_id: Id
    title: str


class RoomWithConcerns(Part):
    """A room in which a report of conduct waits for one of its stewards."""

    room_id: Id
    title: str


class OwnRooms(Part):
    """A page of a person's own rooms; ``after`` is null on the last page.

    The first page has besides, by title and at most 100 of each: ``sponsors`` whose delegate the person is,
    ``hand_overs``, proposals that wait for the person's answer, and ``concerns``, rooms whose steward the person is and
    in which a report that is not about them is not settled; these if no ``office`` but ``steward`` is asked for.
    """

    rooms: list[OwnRoom]
    after: str | None
    sponsors: list[RegisteredSponsor] = []
    hand_overs: list[ProposedHandOver] = []
    concerns: list[RoomWithConcerns] = []
