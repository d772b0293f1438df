"""The queries about memberships, and their results."""

from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from practio_contracts.fields import Cursor, Flag, Id, Instant, LongPage
from practio_contracts.membership.snapshot import Membership, Status
from practio_contracts.message import Part, Query


class GetMembership(Query, key="membership.get-membership.v1"):
    """A person's membership in a room; result: ``MembershipResult``."""

    room_id: Id
    person_id: Id


class MembershipResult(Part):
    """The latest membership, how many stand before, and the commands open to the person now."""

    membership: Membership | None
    ahead: int | None = None
    moves: list[str]


class ListMemberships(Query, key="membership.list-memberships.v1"):
    """A person's memberships in all rooms, newest first; result: ``Memberships``."""

    person_id: Id
    live_only: Flag = False
    limit: LongPage = 500
    after: Cursor | None = None


class Memberships(Part):
    """A page of a person's memberships, those that ended too; ``after`` is null on the last page."""

    memberships: list[Membership]
    after: str | None = None


class GetRoster(Query, key="membership.get-roster.v1"):
    """The people in a room and on its waitlist; for host and offices alone; result: ``Roster``."""

    room_id: Id
    status: Status | None = None
    limit: LongPage = 100
    after: Cursor | None = None


class RosterEntry(Part):
    """One person on the roster."""

    membership: Membership
    ahead: int | None
    priority: int
    answers: dict[str, str]
    message: str | None


class Roster(Part):
    """A page of a room's roster in queue order, and the counts of the whole.

    ``over_capacity`` people have a place that was given beyond the seats that were free. A room is not yet ``viable``
    while nobody has its ``missing_roles``, which its format cannot do without.
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
