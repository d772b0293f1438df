"""The queries about rooms, and their results."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from practio_contracts.fields import Bool, Cursor, Id, Instant, Language, LongText, Page, ShortText
from practio_contracts.message import CommandPart, Part, Query
from practio_contracts.rooms.copying import RelatedRoom
from practio_contracts.rooms.notes import PublishedNote
from practio_contracts.rooms.session_life import NextSession
from practio_contracts.rooms.sessions import PublicSession, Session
from practio_contracts.rooms.snapshot import Format, Mode, Policy, Room, SponsorKind


class SponsorFilter(CommandPart):
    """Which sponsors' rooms are looked for."""

    kind: SponsorKind | None = None
    name: ShortText | None = None


class SearchOrder(StrEnum):
    """Which rooms come first; those without a next session are the last of ``soonest``."""

    NEWEST = "newest"
    SOONEST = "soonest"


class SearchRooms(Query, key="rooms.search-rooms.v1"):
    """Find published rooms; ``after`` continues at the end of the last page; result: ``RoomsFound``.

    ``order`` null: the best match first if there is a ``text``, otherwise the newest.
    """

    text: Annotated[LongText, StringConstraints(max_length=200)] | None = None
    format: Format | None = None
    mode: Mode | None = None
    language: Language | None = None
    domain: ShortText | None = None
    policy: Policy | None = None
    sponsor: SponsorFilter | None = None
    with_free_seats: Bool | None = None
    order: SearchOrder | None = None
    limit: Page = 20
    after: Cursor | None = None


class GetRoom(Query, key="rooms.get-room.v1"):
    """Show one room; its place and link only to those in it; result: ``RoomResult``."""

    room_id: Id


class PublicRoom(Room):
    """A room as everybody may read it: written without place and link."""

    place: Annotated[str | None, Field(exclude=True)] = None
    meeting_url: Annotated[str | None, Field(exclude=True)] = None


class RoomFound(PublicRoom):
    """A room as a search shows it; ``viable`` and ``missing_roles`` as in ``RoomResult``."""

    seats_free: int
    waiting: int
    viable: bool = False
    missing_roles: list[str] = []


class RoomsFound(Part):
    """A page of a search; ``after`` is null on the last page."""

    rooms: list[RoomFound]
    after: str | None


class RoomResult(Part):
    """A room and its next sessions, at most 20; complete for the people in it and in its offices.

    ``notes`` are those that are not confidential, the newest 20 at most, as far as they fit into the answer.
    ``viable``: the people in it can run its format; ``missing_roles`` are binding roles that nobody has taken.
    ``proposed_host_id``: the person who may accept to become the host, for the host and that person alone.
    ``last_session_at``: the start of the last session that has begun and was not cancelled, for the people in the room
    and its offices; null also from a release that does not tell.
    ``next_session``: who comes to the next one, for the offices; null also if none is to come, and from a release that
    does not tell.
    ``origin`` is the room that this one was made after, and ``copies`` are those made after it, the newest 20 at most;
    only those that the reader may know of, and that were not cancelled.
    """

    room: PublicRoom | Room
    sessions: list[PublicSession | Session] = []
    notes: list[PublishedNote] = []
    viable: bool = False
    missing_roles: list[str] = []
    proposed_host_id: Id | None = None
    last_session_at: Instant | None = None
    next_session: NextSession | None = None
    origin: RelatedRoom | None = None
    copies: list[RelatedRoom] = []
