"""What may be asked about memberships, and what is answered."""

from typing import Annotated

from pydantic import Field

from practio_contracts.fields import Cursor, Id, Instant, LongPage
from practio_contracts.membership.snapshot import Membership, Status
from practio_contracts.message import Part, Query


class GetMembership(Query, key="membership.get-membership.v1"):
    """Where a person stands with a room; result: ``MembershipShown``."""

    room_id: Id
    person_id: Id


class MembershipShown(Part):
    """The latest membership, how many stand before, and the commands open to the person now."""

    membership: Membership | None
    ahead: int | None = None
    moves: list[str]


class GetRoster(Query, key="membership.get-roster.v1"):
    """Who is in a room and who waits; for host and offices alone; result: ``Roster``."""

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
    """A page of a room's roster in queue order, and the counts of the whole."""

    counts: dict[Status, int]
    capacity: int
    seats_taken: int
    seats_held: int
    entries: list[RosterEntry]
    after: str | None


class GetHistory(Query, key="membership.get-history.v1"):
    """What happened to a person's way into a room; result: ``History``."""

    room_id: Id
    person_id: Id


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
    """All changes, oldest first."""

    changes: list[Change]
