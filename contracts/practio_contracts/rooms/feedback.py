"""Feedback on sessions, without names: the command, the query and their results."""

from typing import Annotated

from pydantic import Field, StringConstraints

from practio_contracts.fields import Id, Int, LongText
from practio_contracts.message import Command, Part, Query

Comment = Annotated[LongText, StringConstraints(max_length=1_000)]


class GiveFeedback(Command, key="rooms.give-feedback.v1"):
    """Rate how useful a session was, from 1 (not at all) to 5 (very); once per person and session; anonymous."""

    room_id: Id
    session_id: Id
    useful: Annotated[Int, Field(ge=1, le=5)]
    comment: Comment | None = None


class FeedbackGiven(Part):
    """The answer to given feedback: the session, and no more."""

    room_id: Id
    session_id: Id


class GetFeedback(Query, key="rooms.get-feedback.v1"):
    """Feedback on a session, or on all sessions of a room; result: ``FeedbackResult``."""

    room_id: Id
    session_id: Id | None = None


class FeedbackNumbers(Part):
    """How useful people found it: how many answers are released, and how many for each of 1 to 5.

    ``average`` is null, and all counts are 0, as long as nothing is released.
    """

    answers: int = 0
    useful: dict[str, int] = {}
    average: float | None = None


class FeedbackResult(FeedbackNumbers):
    """Feedback as host and offices read it: released in lots of four and more, comments in alphabetical order.

    ``comments_left_out`` is how many did not fit into the answer.
    """

    room_id: Id
    session_id: Id | None = None
    comments: list[str] = []
    comments_left_out: int = 0
