"""A room's snapshot, which stands in every event of rooms."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from practio_contracts.fields import PRIVATE, Flag, Id, Instant, Int, Key, LongText, ShortText
from practio_contracts.message import Part


class RoomStatus(StrEnum):
    """The status of a room."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


LIVE_ROOM = frozenset({RoomStatus.PUBLISHED, RoomStatus.CLOSED})
"""The states in which a room has members and sessions."""

ENDED_ROOM = frozenset({RoomStatus.CANCELLED, RoomStatus.ARCHIVED})
"""The states in which a room stays."""


class Format(StrEnum):
    """How a room works."""

    INTERVISION = "intervision"
    PEER_COACHING = "peer-coaching"
    PEER_SUPERVISION = "peer-supervision"
    METHOD_PRACTICE = "method-practice"


class Mode(StrEnum):
    """How people meet."""

    ONLINE = "online"
    IN_PERSON = "in-person"
    HYBRID = "hybrid"


class Policy(StrEnum):
    """How a room is joined."""

    OPEN = "open"
    APPROVAL = "approval"
    INVITATION = "invitation"


class Promotion(StrEnum):
    """How a freed seat reaches the first person on the waitlist."""

    OFFER = "offer"
    AUTOMATIC = "automatic"


class AfterLapse(StrEnum):
    """What happens to a person whose offer lapsed."""

    LEAVE = "leave"
    REQUEUE = "requeue"


class SponsorKind(StrEnum):
    """The kind of a sponsor."""

    ORGANISATION = "organisation"
    PARTICIPANTS = "participants"


TRIAD = ("coach", "coachee", "observer")
"""The roles that peer coaching meets in; a room may write them with capitals."""

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
    """A question to a person who requests to join; answered by ``key``."""

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
    """Access rules: who may join and how; ``reapply_after_days`` null: never again after a decline."""

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
    """The organisation or the participants that carry the room; ``sponsor_id`` if they are registered."""

    kind: SponsorKind = SponsorKind.PARTICIPANTS
    name: str | None = None
    sponsor_id: Id | None = None


class Room(Part):
    """A room's snapshot. Fields that a draft has not stated yet are null.

    ``origin_id``: the room that this one was made after by ``rooms.copy-room``.
    """

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
    origin_id: Id | None = None

    @property
    def leading_ids(self) -> list[UUID]:
        """Return host and facilitators, each once, the host first: they plan sessions."""
        return list(dict.fromkeys((self.host_id, *self.facilitator_ids)))

    @property
    def office_ids(self) -> list[UUID]:
        """Return host, facilitators and stewards, each once, the host first: none of them has a seat."""
        return list(dict.fromkeys((self.host_id, *self.facilitator_ids, *self.steward_ids)))
