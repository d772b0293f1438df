"""The tables of membership: rooms by their newest events, memberships, and the history."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Text,
    Uuid,
    false,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from practio_chassis.database.sharding import sharding_table
from practio_chassis.database.tables import chassis_tables
from practio_contracts.membership import LIVE, Status

_ENDED = "(snapshot::jsonb ->> 'status') IN ('cancelled', 'archived')"


class Tables(DeclarativeBase):
    """The tables of this service; no schema is named, since the role's search path contains it alone."""

    type_annotation_map = {str: Text, UUID: Uuid, datetime: DateTime(timezone=True)}


class RoomRow(Tables):
    """A room's snapshot without its private fields, as JSON, and its counts, which are written only under its lock.

    ``most`` is how many seats may be in use: the capacity, or the seats in use when it was lowered or when a place was
    given beyond it; ``beyond`` are the places so given. ``by_role`` holds [taken, held] by role. The column ``told`` is
    the sequence of the last occupancy event. The database computes ``ended`` from the snapshot.
    """

    __tablename__ = "room"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND held >= 0 AND waiting >= 0 AND pending >= 0", name="room_counts"),
        CheckConstraint("taken + held <= most", name="room_not_oversold"),
        CheckConstraint("beyond BETWEEN 0 AND taken + held", name="room_over_capacity"),
    )

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    snapshot: Mapped[str]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    pending: Mapped[int] = mapped_column(default=0)
    by_role: Mapped[dict[str, list[int]]] = mapped_column(JSONB, default=dict)
    beyond: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    most: Mapped[int]
    last_number: Mapped[int] = mapped_column(default=0)
    told: Mapped[int] = mapped_column(default=0)
    ended: Mapped[bool | None] = mapped_column(Computed(_ENDED, persisted=True), deferred=True)


class MembershipRow(Tables):
    """A person's membership in a room; ``number`` is the waitlist number, given again with a new request.

    ``answers`` and ``message`` are read only for the roster.
    """

    __tablename__ = "membership"

    membership_id: Mapped[UUID] = mapped_column(primary_key=True)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.room_id"))
    person_id: Mapped[UUID]
    status: Mapped[str]
    version: Mapped[int]
    number: Mapped[int]
    priority: Mapped[int]
    wishes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    role: Mapped[str | None]
    set_aside: Mapped[bool]
    since: Mapped[datetime]
    requested_at: Mapped[datetime | None]
    offer_expires_at: Mapped[datetime | None]
    invitation_expires_at: Mapped[datetime | None]
    request_expires_at: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    over_capacity: Mapped[bool] = mapped_column(server_default=false())
    barred: Mapped[bool] = mapped_column(server_default=false())
    reason: Mapped[str | None]
    by: Mapped[str]
    from_room_id: Mapped[UUID | None]
    answers: Mapped[dict[str, str]] = mapped_column(JSONB, deferred=True)
    message: Mapped[str | None] = mapped_column(deferred=True)


class HistoryRow(Tables):
    """One change of a membership; a trigger lets nobody alter it, but for forgetting ``reason``."""

    __tablename__ = "history"
    __table_args__ = (Index("history_by_person", "person_id", "room_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    membership_id: Mapped[UUID]
    room_id: Mapped[UUID]
    person_id: Mapped[UUID]
    at: Mapped[datetime]
    by: Mapped[str]
    account: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    fact: Mapped[str]
    reason: Mapped[str | None]
    message_id: Mapped[str]


class BuddyRow(Tables):
    """The buddy of a person in a room; both have joined it. The row goes when one of them leaves."""

    __tablename__ = "buddy"

    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.room_id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    buddy_id: Mapped[UUID]
    assigned_at: Mapped[datetime]


Index("buddy_by_person", BuddyRow.person_id)
Index("buddy_by_buddy", BuddyRow.buddy_id)

IN_WAITLIST_ORDER = (MembershipRow.priority.desc(), MembershipRow.number)


def has_status(*statuses: Status) -> ColumnElement[bool]:
    """Write statuses out rather than bind them, so that PostgreSQL sees that the partial indexes apply."""
    return MembershipRow.status.in_([literal_column(f"'{status}'") for status in sorted(statuses)])


IS_LIVE = has_status(*LIVE)
WAITS = has_status(Status.WAITLISTED)
HAS_OFFER = has_status(Status.OFFERED)

Index(
    "membership_live_once",
    MembershipRow.room_id,
    MembershipRow.person_id,
    unique=True,
    postgresql_where=IS_LIVE,
)
Index("membership_latest", MembershipRow.person_id, MembershipRow.room_id, MembershipRow.number)
Index("membership_roster", MembershipRow.room_id, *IN_WAITLIST_ORDER)
Index("membership_by_status", MembershipRow.room_id, MembershipRow.status, *IN_WAITLIST_ORDER)
Index("membership_line", MembershipRow.room_id, *IN_WAITLIST_ORDER, postgresql_where=WAITS)
Index("membership_offers", MembershipRow.room_id, MembershipRow.offer_expires_at, postgresql_where=HAS_OFFER)
Index("membership_offered_until", MembershipRow.offer_expires_at, postgresql_where=HAS_OFFER)
Index(
    "membership_invited_until",
    MembershipRow.invitation_expires_at,
    postgresql_where=has_status(Status.INVITED),
)
Index(
    "membership_requested_until",
    MembershipRow.request_expires_at,
    postgresql_where=has_status(Status.REQUESTED),
)
Index(
    "membership_from_room",
    MembershipRow.from_room_id,
    MembershipRow.person_id,
    postgresql_where=has_status(Status.JOINED) & MembershipRow.from_room_id.is_not(None),
)
Index("room_ended", RoomRow.room_id, postgresql_where=RoomRow.ended)
Index("room_with_line", RoomRow.room_id, postgresql_where=RoomRow.waiting > literal_column("0"))

HAS_TEXTS = text(
    "status IN ('declined', 'ended', 'lapsed', 'removed', 'withdrawn') "
    "AND (answers <> '{}' OR message IS NOT NULL OR reason IS NOT NULL)"
)
HAS_REASON = text("reason IS NOT NULL")
Index("membership_with_texts", MembershipRow.since, postgresql_where=HAS_TEXTS)
Index("history_with_reason", HistoryRow.at, postgresql_where=HAS_REASON)

metadata = Tables.metadata
chassis_tables(metadata)
sharding_table(metadata)
HISTORY = metadata.tables[HistoryRow.__tablename__]
