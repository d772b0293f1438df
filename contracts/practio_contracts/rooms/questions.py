"""What may be asked about rooms, and what is answered."""

from typing import Annotated

from pydantic import Field, StringConstraints

from practio_contracts.fields import Bool, Cursor, Id, Language, LongText, Page, ShortText
from practio_contracts.message import Part, Query, WishedPart
from practio_contracts.rooms.snapshot import Format, Mode, Policy, Room, SponsorKind


class SponsorFilter(WishedPart):
    """Which sponsors' rooms are looked for."""

    kind: SponsorKind | None = None
    name: ShortText | None = None


class SearchRooms(Query, key="rooms.search-rooms.v1"):
    """Find published rooms; ``after`` continues where the last page ended; result: ``RoomsFound``."""

    text: Annotated[LongText, StringConstraints(max_length=200)] | None = None
    format: Format | None = None
    mode: Mode | None = None
    language: Language | None = None
    domain: ShortText | None = None
    policy: Policy | None = None
    sponsor: SponsorFilter | None = None
    with_free_seats: Bool | None = None
    limit: Page = 20
    after: Cursor | None = None


class GetRoom(Query, key="rooms.get-room.v1"):
    """Show one room; its place and link only to those in it; result: ``RoomShown``."""

    room_id: Id


class PublicRoom(Room):
    """A room as everybody may read it: written without place and link."""

    place: Annotated[str | None, Field(exclude=True)] = None
    meeting_url: Annotated[str | None, Field(exclude=True)] = None


class RoomFound(PublicRoom):
    """A room as a search shows it."""

    seats_free: int
    waiting: int


class RoomsFound(Part):
    """A page of a search, newest room first; ``after`` is null on the last page."""

    rooms: list[RoomFound]
    after: str | None


class RoomShown(Part):
    """A room, whole for those in it and in its offices; no sessions are planned yet."""

    room: PublicRoom | Room
    sessions: list[Part] = []
