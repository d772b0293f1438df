"""The queries about memberships, and their results."""

from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from practio_contracts.answers import FieldError
from practio_contracts.fields import Cursor, Flag, Id, Instant, Int, LongPage, ShortText
from practio_contracts.membership.answers import Outcome
from practio_contracts.membership.commands import Answers
from practio_contracts.membership.snapshot import Membership, Status
from practio_contracts.message import CommandPart, Part, Query


class GetMembership(Query, key="membership.get-membership.v1"):
    """A person's membership in a room; result: ``MembershipResult``."""

    room_id: Id
    person_id: Id


class MembershipResult(Part):
    """The latest membership, how many stand before, and the commands open to the person now.

    ``buddy_id`` is the person's buddy, ``buddy_of`` those whose buddy the person is.
    """

    membership: Membership | None
    ahead: int | None = None
    moves: list[str]
    buddy_id: Id | None = None
    buddy_of: list[Id] = []


class ListMemberships(Query, key="membership.list-memberships.v1"):
    """A person's memberships in all rooms, newest first; result: ``Memberships``."""

    person_id: Id
    live_only: Flag = False
    limit: LongPage = 500
    after: Cursor | None = None


class RoomTitle(Part):
    """The title of a room."""

    room_id: Id
    title: str


class Memberships(Part):
    """A page of a person's memberships, those that ended too; ``after`` is null on the last page.

    ``titles`` has those of their rooms, as many as an answer holds; ``rooms.get-room`` has the others.
    """

    memberships: list[Membership]
    after: str | None = None
    titles: list[RoomTitle] = []


class GetRoster(Query, key="membership.get-roster.v1"):
    """The people in a room and on its waitlist; for host and offices alone; result: ``Roster``.

    ``statuses`` asks for the first page of each of several statuses at once, ``limit`` people of each, in this order;
    ``status`` and ``after`` are then left out.
    """

    room_id: Id
    status: Status | None = None
    limit: LongPage = 100
    after: Cursor | None = None
    statuses: Annotated[list[Status], Field(min_length=1, max_length=len(Status))] | None = None


class RosterEntry(Part):
    """One person on the roster; ``request_expires_at`` is when a request that nobody decides on lapses.

    ``barred``: whether a person who was removed may not come back. ``may_come_back``: the membership has ended, the
    person has no newer one in the room, and is not barred. ``buddy_id``: the buddy of a person in the room. Each is
    null for every other status, and from a release that does not tell.
    """

    membership: Membership
    ahead: int | None
    priority: int
    answers: dict[str, str]
    message: str | None
    request_expires_at: Instant | None = None
    may_come_back: bool | None = None
    barred: bool | None = None
    buddy_id: Id | None = None


class Roster(Part):
    """A page of a room's roster in waitlist order, and the counts of the whole.

    ``over_capacity`` people have a place that was given beyond the seats that were free. A room is not yet ``viable``
    while nobody has its ``missing_roles``, which its format cannot do without. ``seats_free`` seats can still be taken:
    fewer than the capacity leaves if the roles add up to less. ``empty_roles`` are those of the room that nobody has,
    required or not; none from a release that does not tell. If several statuses were asked for, ``after`` is null, and
    ``after_of`` has the end of the page of each status of which there are more people.
    """

    counts: dict[Status, int]
    capacity: int
    seats_taken: int
    seats_held: int
    entries: list[RosterEntry]
    after: str | None
    over_capacity: int = 0
    viable: bool | None = None
    missing_roles: list[str] = []
    seats_free: int | None = None
    empty_roles: list[str] = []
    after_of: dict[Status, str] = {}


class GetHistory(Query, key="membership.get-history.v1"):
    """The history of a person's membership in a room; result: ``History``."""

    room_id: Id
    person_id: Id
    limit: LongPage = 500
    after: Cursor | None = None


class Change(Part):
    """One change of a membership; ``from_status`` and ``to_status`` are written ``from`` and ``to``."""

    at: Instant
    by: str
    account: str
    from_status: Annotated[Status | None, Field(alias="from")]
    to_status: Annotated[Status, Field(alias="to")]
    fact: str
    reason: str | None
    message_id: str


class History(Part):
    """A page of the changes, oldest first; ``after`` is null on the last page."""

    changes: list[Change]
    after: str | None = None


class Explain(Query, key="membership.explain.v1"):
    """Why a person has, or has not, a seat in a room now; result: ``Explanation``."""

    room_id: Id
    person_id: Id


class Reason(Part):
    """One reason: a ``code``, a sentence, and the figures that it rests on; those it does not need are left out."""

    code: str
    text: str
    at: Instant | None = None
    until: Instant | None = None
    by: str | None = None
    role: str | None = None
    capacity: int | None = None
    seats_taken: int | None = None
    seats_held: int | None = None
    ahead: int | None = None
    priority: int | None = None

    @model_serializer(mode="wrap")
    def _without_what_is_not_needed(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in dump(self).items() if value is not None}


class Explanation(Part):
    """Whether a person has a seat, their status, and the reasons: the rule that decides comes first."""

    has_seat: bool
    status: Status | None
    reasons: list[Reason]


class PreviewedRequest(CommandPart):
    """A request to preview; the fields are those of ``RequestToJoin``."""

    person_id: Id
    roles: Annotated[list[ShortText], Field(max_length=50)] | None = None
    answers: Answers | None = None
    accepted_guidelines: Int | None = None


_Count = Annotated[Int, Field(ge=0)]


class PreviewedPlaces(CommandPart):
    """The places that previewed requests would take: seats ``by_role``, seats ``without_role``, and on the waitlist."""

    by_role: Annotated[dict[ShortText, _Count], Field(max_length=1_000)] = {}
    without_role: _Count = 0
    waiting: _Count = 0


class PreviewRequests(Query, key="membership.preview-requests.v1"):
    """What would become of requests made now by these people, in this order, each approved at once if it needs that.

    For host, offices and system; result: ``PreviewedRequests``. ``after`` is what the last answer's ``places`` are, if
    these requests follow others that were previewed.
    """

    room_id: Id
    requests: Annotated[list[PreviewedRequest], Field(min_length=1, max_length=500)]
    after: PreviewedPlaces | None = None


class PreviewedOutcome(Outcome):
    """The outcome of one request: the status that the person would have, or the refusal and its faults by field."""

    errors: list[FieldError] = []


class PreviewedRequests(Part):
    """The outcomes of the first requests, as many as an answer holds, and the places that they would take.

    ``places`` include those of ``after``; for the rest of the requests, send them as ``after``.
    """

    outcomes: list[PreviewedOutcome]
    places: PreviewedPlaces
