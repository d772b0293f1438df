"""What is said about rooms (contracts.md, Rooms)."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from practio_contracts import answers
from practio_contracts.fields import (
    PRIVATE,
    Bool,
    Cursor,
    Flag,
    Id,
    Instant,
    Int,
    Key,
    Language,
    LongText,
    Page,
    ShortText,
    TimeZone,
    WebAddress,
)
from practio_contracts.message import Command, Fact, Part, Query, WishedPart


class RoomStatus(StrEnum):
    """Where a room is in its life (rooms.md, Lifecycle)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


class Format(StrEnum):
    """How a room works."""

    INTERVISION = "intervision"
    PEER_COACHING = "peer-coaching"
    PEER_SUPERVISION = "peer-supervision"
    METHOD_PRACTICE = "method-practice"


class Mode(StrEnum):
    """Where people meet."""

    ONLINE = "online"
    IN_PERSON = "in-person"
    HYBRID = "hybrid"


class Policy(StrEnum):
    """Who may come in."""

    OPEN = "open"
    APPROVAL = "approval"
    INVITATION = "invitation"


class Promotion(StrEnum):
    """How a freed seat reaches the first in line."""

    OFFER = "offer"
    AUTOMATIC = "automatic"


class AfterLapse(StrEnum):
    """What becomes of a person whose offer ran out."""

    LEAVE = "leave"
    REQUEUE = "requeue"


class SponsorKind(StrEnum):
    """Who carries a room."""

    ORGANISATION = "organisation"
    PARTICIPANTS = "participants"


class RefusalCode(StrEnum):
    """Why rooms refuses a wish or a question."""

    UNIDENTIFIED = "unidentified"
    ROOM_UNKNOWN = "room-unknown"
    NOT_ALLOWED = "not-allowed"
    ID_TAKEN = "id-taken"
    INCOMPLETE = "incomplete"
    VERSION_CONFLICT = "version-conflict"
    NOT_IN_THIS_STATE = "not-in-this-state"
    SESSION_UNKNOWN = "session-unknown"
    SESSION_PAST = "session-past"
    TOO_MANY_SESSIONS = "too-many-sessions"
    BAD_RECURRENCE = "bad-recurrence"
    OFFICE_TAKEN = "office-taken"
    NO_HAND_OVER = "no-hand-over"
    INVALID = "invalid"
    UNREADABLE = "unreadable"


Capacity = Annotated[Int, Field(ge=1, le=10_000)]
WindowHours = Annotated[Int, Field(ge=1, le=168)]
Days = Annotated[Int, Field(ge=0, le=3_650)]
ExpiryDays = Annotated[Int, Field(ge=1, le=3_650)]
Limit = Annotated[Int, Field(ge=0, le=100_000)]


class Role(Part):
    """A role that people take, and how many seats it has; null: as many as the room."""

    name: ShortText
    seats: Annotated[Int, Field(ge=1, le=10_000)] | None = None


class Question(Part):
    """What a person is asked when asking to join; answered by ``key``."""

    key: Key
    text: Annotated[LongText, StringConstraints(min_length=1, max_length=1_000)]
    required: Flag = False


class Waitlist(Part):
    """How a full room queues people; ``limit`` null: without end."""

    enabled: bool = True
    limit: Limit | None = None
    promotion: Promotion = Promotion.OFFER
    offer_window_hours: WindowHours = 24
    after_lapse: AfterLapse = AfterLapse.LEAVE


class Access(Part):
    """Who may come in and how; ``reapply_after_days`` null: never again after a decline."""

    policy: Policy | None = None
    questions: list[Question] = []
    waitlist: Waitlist = Waitlist()
    request_expires_after_days: ExpiryDays = 30
    reapply_after_days: Days | None = 0


class Guidelines(Part):
    """How people work together in the room; ``version`` rises when the text changes."""

    version: int
    text: str


class Sponsor(Part):
    """Who carries the room."""

    kind: SponsorKind = SponsorKind.PARTICIPANTS
    name: str | None = None


class Room(Part):
    """A room's snapshot. What a draft has not stated yet is null."""

    room_id: Id
    version: int
    status: RoomStatus
    title: str
    domain: str | None = None
    purpose: str | None = None
    for_whom: str | None = None
    format: Format | None = None
    mode: Mode | None = None
    capacity: int | None = None
    roles: list[Role] = []
    language: str = "en"
    time_zone: str | None = None
    place: Annotated[str | None, PRIVATE] = None
    meeting_url: Annotated[str | None, PRIVATE] = None
    sponsor: Sponsor = Sponsor()
    host_id: Id
    facilitator_ids: list[Id] = []
    steward_ids: list[Id] = []
    access: Access = Access()
    guidelines: Guidelines | None = None
    next_session_at: Instant | None = None
    published_at: Instant | None = None


def _named_once(roles: list["WishedRole"]) -> list["WishedRole"]:
    names = [role.name.casefold() for role in roles]
    if len(set(names)) != len(names):
        raise ValueError("each role is named once")
    return roles


def _keyed_once(questions: list["WishedQuestion"]) -> list["WishedQuestion"]:
    keys = [question.key for question in questions]
    if len(set(keys)) != len(keys):
        raise ValueError("each question has a key of its own")
    return questions


def _each_once(ids: list[Id]) -> list[Id]:
    return list(dict.fromkeys(ids))


class WishedRole(Role, WishedPart):
    """A role as a host states it."""


class WishedQuestion(Question, WishedPart):
    """A question as a host states it."""


class WishedWaitlist(WishedPart):
    """The fields of the waitlist to set; those not given stay as they are."""

    enabled: Bool | None = None
    limit: Limit | None = None
    promotion: Promotion | None = None
    offer_window_hours: WindowHours | None = None
    after_lapse: AfterLapse | None = None


class WishedAccess(WishedPart):
    """The fields of the access rules to set; those not given stay as they are."""

    policy: Policy | None = None
    questions: Annotated[list[WishedQuestion], Field(max_length=50), AfterValidator(_keyed_once)] | None = None
    waitlist: WishedWaitlist | None = None
    request_expires_after_days: ExpiryDays | None = None
    reapply_after_days: Days | None = None


class WishedGuidelines(WishedPart):
    """The text of the guidelines; their version is the service's to count, whatever is given."""

    text: Annotated[LongText, StringConstraints(min_length=1)]
    version: Int | None = None


class WishedSponsor(WishedPart):
    """Who carries the room, as a host states it."""

    kind: SponsorKind
    name: ShortText | None = None


Offices = Annotated[list[Id], Field(max_length=100), AfterValidator(_each_once)]


class _Statement(Command):
    """What a host may state of a room; which fields were given is in ``model_fields_set``."""

    room_id: Id
    domain: ShortText | None = None
    purpose: LongText | None = None
    for_whom: LongText | None = None
    format: Format | None = None
    mode: Mode | None = None
    capacity: Capacity | None = None
    roles: Annotated[list[WishedRole], Field(max_length=50), AfterValidator(_named_once)] | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None
    place: Annotated[LongText, StringConstraints(max_length=1_000)] | None = None
    meeting_url: WebAddress | None = None
    sponsor: WishedSponsor | None = None
    access: WishedAccess | None = None
    guidelines: WishedGuidelines | None = None


class CreateRoom(_Statement, key="rooms.create-room.v1"):
    """Draft a room; the actor is its host, and chooses its id."""

    title: ShortText
    facilitator_ids: Offices | None = None
    steward_ids: Offices | None = None


class ReviseRoom(_Statement, key="rooms.revise-room.v1"):
    """Change what a room states: the fields given, ``access`` merged field by field, lists replaced whole."""

    title: ShortText | None = None
    expected_version: Int | None = None


class PublishRoom(Command, key="rooms.publish-room.v1"):
    """Show a draft to everybody, once it is whole."""

    room_id: Id


class CloseRoom(Command, key="rooms.close-room.v1"):
    """Take no new requests; who is in line is still served."""

    room_id: Id
    reason: LongText | None = None


class ReopenRoom(Command, key="rooms.reopen-room.v1"):
    """Take requests again."""

    room_id: Id
    reason: LongText | None = None


class CancelRoom(Command, key="rooms.cancel-room.v1"):
    """End a room for good, with a reason."""

    room_id: Id
    reason: Annotated[LongText, StringConstraints(min_length=1)]


class ArchiveRoom(Command, key="rooms.archive-room.v1"):
    """Finish a room; it stays readable."""

    room_id: Id


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


class RoomsCommandAccepted(answers.CommandAccepted, key="rooms.command-accepted.v1"):
    """Rooms met a wish."""


class RoomsCommandRefused(answers.CommandRefused, key="rooms.command-refused.v1"):
    """Rooms refused a wish."""


class RoomsAnswer(answers.Answer, key="rooms.answer.v1"):
    """Rooms answers a question."""


RoomFact = RoomDrafted | RoomRevised | RoomPublished | RoomClosed | RoomReopened | RoomCancelled | RoomArchived

MESSAGES = (
    CreateRoom,
    ReviseRoom,
    PublishRoom,
    CloseRoom,
    ReopenRoom,
    CancelRoom,
    ArchiveRoom,
    RoomDrafted,
    RoomRevised,
    RoomPublished,
    RoomClosed,
    RoomReopened,
    RoomCancelled,
    RoomArchived,
    SearchRooms,
    GetRoom,
    RoomsCommandAccepted,
    RoomsCommandRefused,
    RoomsAnswer,
)
