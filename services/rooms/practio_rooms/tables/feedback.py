"""Feedback without names: who has given it, separate from its content.

No row with content holds an id of a person, a time or a rising number; its own id is random. All waiting rows are
written again, in random order, each time one is added: so neither the transaction that wrote a row (``xmin``) nor its
place on disk (``ctid``) distinguishes it from the others that wait.
"""

from uuid import UUID, uuid4

from sqlalchemy import Boolean, Index, SmallInteger, Text, Uuid, false, text
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables


class FeedbackGivenRow(Tables):
    """A record that a person has given feedback on a session, so that they give it once.

    It ``waits`` until its lot is released: a lot is by four people.
    """

    __tablename__ = "feedback_given"
    __table_args__ = (
        Index("feedback_given_by_person", "person_id"),
        Index("feedback_given_waits", "room_id", postgresql_where=text("waits")),
    )

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    waits: Mapped[bool] = mapped_column(Boolean, server_default=false())


class FeedbackWaitingRow(Tables):
    """Feedback that waits for its lot; without a session, it is for the room as a whole."""

    __tablename__ = "feedback_waiting"
    __table_args__ = (Index("feedback_waiting_by_room", "room_id"),)

    answer_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    useful: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[str | None] = mapped_column(Text)


class FeedbackNumberRow(Tables):
    """A released rating, separate from the comment that came with it."""

    __tablename__ = "feedback_number"
    __table_args__ = (Index("feedback_number_by_room", "room_id", "session_id"),)

    number_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    useful: Mapped[int] = mapped_column(SmallInteger)


class FeedbackCommentRow(Tables):
    """A released comment, separate from the rating that came with it."""

    __tablename__ = "feedback_comment"
    __table_args__ = (Index("feedback_comment_by_room", "room_id", "session_id"),)

    comment_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    comment: Mapped[str] = mapped_column(Text)
