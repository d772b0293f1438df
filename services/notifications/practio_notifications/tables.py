"""The tables of notifications: contacts, projections of rooms and memberships, and letters."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, Index, MetaData, Text, UniqueConstraint, Uuid, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from practio_chassis.database.tables import chassis_tables
from practio_contracts.notifications import LetterStatus

metadata = MetaData()
CHASSIS_TABLES = chassis_tables(metadata)

_STATES = ", ".join(f"'{status}'" for status in LetterStatus)

Json = dict[str, Any]


class Row(DeclarativeBase):
    """The tables of this service's schema."""

    metadata = metadata
    type_annotation_map = {Json: JSONB(none_as_null=True), str: Text, datetime: DateTime(timezone=True)}


class ContactRow(Row):
    """A person by the newest event about them, or as somebody introduced them, or an address that asked for a link.

    The address has its domain in ASCII. ``introduced``: not by themselves, so that their name is shown to nobody yet.
    ``registered``: a directory or they themselves said who they are. ``asked_at`` is when an address that nobody knew
    asked first; null once its person is registered, or introduced to a room. ``link_version`` is carried by the links
    in letters to them; links with another one have ended. ``calendar_version`` is added to it in the address of their
    calendar, which can end by itself. After erasure all that describes them is null.
    """

    __tablename__ = "contact"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str | None]
    email: Mapped[str | None]
    locale: Mapped[str | None]
    time_zone: Mapped[str | None]
    introduced: Mapped[bool] = mapped_column(default=False)
    link_version: Mapped[int] = mapped_column(server_default=text("0"))
    calendar_version: Mapped[int] = mapped_column(server_default=text("0"))
    registered: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    asked_at: Mapped[datetime | None]

    __table_args__ = (
        Index("contact_by_address", text("lower(email)")),
        Index("contact_asking", "asked_at", postgresql_where=text("asked_at IS NOT NULL")),
    )


class FormerAddressRow(Row):
    """An address, by its key, that a person had before; until they are erased."""

    __tablename__ = "former_address"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (Index("former_address_by_address", text("lower(email)")),)


class IntroductionRow(Row):
    """One introduction, counted for a day; ``actor_id`` is null if the system introduced the person.

    An address that asks for a link and is written to counts as an introduction of the person by themselves.
    """

    __tablename__ = "introduction"

    introduction_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    actor_id: Mapped[UUID | None]
    at: Mapped[datetime]

    __table_args__ = (
        Index("introduction_by_actor", "actor_id", "at"),
        Index("introduction_of_person", "person_id"),
        Index("introduction_by_time", "at"),
    )


class RoomRow(Row):
    """A room's newest snapshot, as JSON, and its proposed host as of version ``proposed_in``."""

    __tablename__ = "room"

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    snapshot: Mapped[Json]
    proposed_host_id: Mapped[UUID | None]
    proposed_in: Mapped[int] = mapped_column(default=0)


class SponsorRow(Row):
    """A sponsor by its newest event: its name, and the people who get its report each month."""

    __tablename__ = "sponsor"

    sponsor_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    delegate_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


class SessionRow(Row):
    """A session by its newest event, as JSON; ``cause_id`` identifies the cause of the letters that announce it.

    ``remind_at`` is when its people are to be reminded; null after that, or if no reminder is due. ``was_added``: its
    series was given it later, and no letter of its own announces it. ``announce_at`` is when a letter is
    written to those who have no calendar entry of it; null after that, or if it was not added.
    """

    __tablename__ = "session"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    room_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revision: Mapped[int]
    cause_id: Mapped[UUID] = mapped_column("told_in")
    remind_at: Mapped[datetime | None]
    was_added: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    announce_at: Mapped[datetime | None]
    snapshot: Mapped[Json]

    __table_args__ = (
        Index("session_of_room", "room_id", "ends_at"),
        Index("session_by_end", "ends_at"),
        Index("session_to_remind_of", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        Index("session_to_announce", "announce_at", postgresql_where=text("announce_at IS NOT NULL")),
    )


class CalendarEntryRow(Row):
    """A session that was sent to a person's calendar: the highest SEQUENCE of these messages (RFC 5546, 2.1.4).

    ``letter_id`` is the letter that brought it first; null if an earlier release did. ``reply_id`` is in the address of
    its organiser, to which the person's calendar answers; null if it asks for no answer, and never changed, since
    calendars ignore an entry whose organiser is another one. ``revision`` is the session's in the newest message;
    ``replied_at`` the time of the newest answer.
    """

    __tablename__ = "calendar_entry"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    ends_at: Mapped[datetime]
    letter_id: Mapped[UUID | None]
    reply_id: Mapped[UUID | None]
    revision: Mapped[int | None]
    replied_at: Mapped[datetime | None]

    __table_args__ = (
        Index("calendar_entry_by_end", "ends_at"),
        Index("calendar_entry_by_reply", "reply_id", postgresql_where=text("reply_id IS NOT NULL")),
    )


class AnswerRow(Row):
    """Whether a person comes to a session, by their newest answer; ``starts_at`` is the time that the answer is for.

    An answer for another time than that of the session does not count: it has moved since. ``by_person``: given by the
    person, on a page, at ``answered_at``; otherwise it was passed on then, and given before in a calendar.
    """

    __tablename__ = "session_answer"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    coming: Mapped[str]
    starts_at: Mapped[datetime]
    answered_at: Mapped[datetime]
    by_person: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        Index("session_answer_of_person", "person_id"),
        Index("session_answer_by_time", "starts_at"),
    )


class PlanRow(Row):
    """What is planned for a session, by the newest event of ``planned_at``; who brings or does what: ``PartRow``."""

    __tablename__ = "session_plan"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    guests: Mapped[list[str]] = mapped_column(ARRAY(Text))
    planned_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (Index("session_plan_by_end", "ends_at"),)


class PartRow(Row):
    """A person's part in a session: the ``role`` that they have this time, or, if it is empty, the case they bring.

    ``is_proposed``: nobody planned the role, it is their turn.
    """

    __tablename__ = "session_part"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]
    ends_at: Mapped[datetime]
    is_proposed: Mapped[bool] = mapped_column(server_default="false")

    __table_args__ = (
        Index("session_part_of_person", "person_id"),
        Index("session_part_by_end", "ends_at"),
    )


class CareRow(Row):
    """The signs that a room is quiet, by the newest event, of ``published_at``; none, and no ``since``: it is not.

    ``next_at`` is when its stewards are thought of next; null if it is not quiet. ``stewards_asked_for`` is the
    ``since`` for which its stewards had the letter that it has been quiet for long.
    """

    __tablename__ = "room_care"

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    signs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    since: Mapped[datetime | None]
    published_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    stewards_asked_for: Mapped[datetime | None]

    __table_args__ = (Index("room_care_by_next_time", "next_at", postgresql_where=text("next_at IS NOT NULL")),)


EVENT_ID, CAUSE_DATA = "fact_id", "told"
"""The columns of a letter whose names are older than what they are called now."""

EVENT_DATA = "told"
"""The column of an occupancy whose name is older than what it is called now."""


class OccupancyRow(Row):
    """How full a room is, by the newest event, as JSON."""

    __tablename__ = "occupancy"

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_data: Mapped[Json] = mapped_column(EVENT_DATA)


class MembershipRow(Row):
    """A membership's state by its newest event; no texts. ``was_joined``: it had a seat at some time.

    ``is_named``: the person requested to join, accepted an invitation, or was invited as somebody of another room, so
    that the offices see their name (``store.names.NAMED``).
    """

    __tablename__ = "standing"

    membership_id: Mapped[UUID] = mapped_column(primary_key=True)
    room_id: Mapped[UUID]
    person_id: Mapped[UUID]
    status: Mapped[str]
    role: Mapped[str | None]
    offer_expires_at: Mapped[datetime | None]
    was_joined: Mapped[bool] = mapped_column(default=False)
    is_named: Mapped[bool] = mapped_column(default=False, server_default="false")

    __table_args__ = (
        Index("standing_in_room", "room_id", "person_id"),
        Index("standing_of_person", "person_id"),
        Index(
            "standing_with_seat",
            "room_id",
            "person_id",
            postgresql_where=text("was_joined AND status IN ('joined', 'ended')"),
        ),
    )


class LetterRow(Row):
    """A letter on its way, or the record of one.

    ``member_id`` is the person it is about: the reader if it is about the room and no membership. ``cause_data`` is the
    data of the event that caused it, null once either person is erased. ``due_at`` is when a sender is to look at it:
    its time to leave, or, while ``sending``, when the claim lapses; null once it is settled. ``interrupted``: a claim
    lapsed, so it may have left already. ``gathered_in`` is the digest that contains it instead; a digest's ``room_id``
    is that of its first letter. A link's is the room to which it leads, if any. ``traceparent`` is that of the span in
    which it was written.
    """

    __tablename__ = "letter"

    letter_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(EVENT_ID)
    correlation_id: Mapped[str]
    traceparent: Mapped[str | None]
    kind: Mapped[str]
    person_id: Mapped[UUID]
    member_id: Mapped[UUID]
    room_id: Mapped[UUID | None]
    membership_id: Mapped[UUID | None]
    cause_data: Mapped[Json | None] = mapped_column(CAUSE_DATA)
    status: Mapped[str]
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    interrupted: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    gathered_in: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("fact_id", "person_id", "kind", name="one_letter_a_fact_person_and_kind"),
        CheckConstraint(f"status IN ({_STATES})", name="letter_status"),
        Index("letter_by_due_time", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("letter_held", "person_id", postgresql_where=text("status = 'held'")),
        Index("letter_of_person", "person_id", "created_at", "letter_id"),
        Index("letter_of_room", "room_id", "created_at", "letter_id"),
        Index("letter_about_member", "member_id"),
        Index("letter_gathered", "gathered_in", postgresql_where=text("gathered_in IS NOT NULL")),
        Index("letter_by_age", "created_at", "letter_id"),
        Index("letter_not_sent", "status", "created_at", "letter_id", postgresql_where=text("status <> 'sent'")),
        Index("letter_with_text", "created_at", postgresql_where=text("due_at IS NULL AND told IS NOT NULL")),
    )


class PreferenceRow(Row):
    """A person's preferences, as JSON; without a row, the defaults apply."""

    __tablename__ = "preference"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    preferences: Mapped[Json] = mapped_column("wished")


class BounceRow(Row):
    """A letter that came back; ``email`` is the key of an address.

    ``person_id`` is its reader, if the report names the letter.
    """

    __tablename__ = "bounce"

    bounce_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    kind: Mapped[str]
    letter_id: Mapped[UUID | None]
    detail: Mapped[str | None]
    at: Mapped[datetime]
    person_id: Mapped[UUID | None]

    __table_args__ = (
        Index("bounce_of_address", "email", "at"),
        Index("bounce_by_age", "at"),
        Index("bounce_of_person", "person_id", postgresql_where=text("person_id IS NOT NULL")),
    )


class SuppressionRow(Row):
    """An address, by its key, that is not written to."""

    __tablename__ = "suppression"

    email: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]


LETTER = metadata.tables[LetterRow.__tablename__]
