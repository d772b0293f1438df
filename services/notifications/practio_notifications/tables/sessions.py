"""The tables of sessions: their dates, plans, calendar entries, and who comes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from practio_notifications.tables.base import Json, Row


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
