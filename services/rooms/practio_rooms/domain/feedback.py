"""Feedback without names: who may give it, and in which lots answers are released.

An answer is in exactly one lot, and only whole lots are ever shown: so whatever is asked, and whenever, the difference
of two answers is made of whole lots, and tells of four people or more at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from practio_contracts.answers import NextStep, Refusal
from practio_contracts.rooms import FeedbackNumbers, RefusalCode, SessionStatus

LOT = 4
"""The fewest answers that are shown together."""

Scope = UUID | None
"""What answers are counted for: a session, or (None) what was left over of sessions, for the room as a whole."""

SESSION_UNKNOWN = Refusal(code=RefusalCode.SESSION_UNKNOWN, detail="the room has no session with this id: check the id")
ALREADY_GIVEN = Refusal(code=RefusalCode.ALREADY_GIVEN, detail="you have already given feedback on this session")

NOT_IN_ROOM = Refusal(
    code=RefusalCode.NOT_ALLOWED, detail="only people in the room can give feedback", next_step=NextStep.NONE
)
_TOO_LATE = Refusal(
    code=RefusalCode.NOT_ALLOWED,
    detail="you joined the room after this session, so you cannot give feedback on it",
    next_step=NextStep.NONE,
)
_CALLED_OFF = Refusal(
    code=RefusalCode.NOT_ALLOWED, detail="this session was called off, so there is nothing to give feedback on"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said of a session; nothing here tells who, when, or after whom."""

    useful: int
    comment: str | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """What counts here of a session; instants in UTC."""

    starts_at: datetime
    ends_at: datetime
    status: SessionStatus


Answers = Mapping[Scope, tuple[Answer, ...]]


@dataclass(frozen=True, slots=True)
class Collected:
    """The answers of a room after one more: those that wait for a lot, and the lots that are full now."""

    waiting: Answers
    released: Answers


def refusal(
    meeting: Meeting | None, *, is_in_room: bool, joined_at: datetime | None, has_given: bool, now: datetime
) -> Refusal | None:
    """Say why a person cannot give feedback; ``joined_at`` is when they joined the room, as far as that was heard."""
    if not is_in_room:
        return NOT_IN_ROOM
    if meeting is None:
        return SESSION_UNKNOWN
    if meeting.status is SessionStatus.CANCELLED:
        return _CALLED_OFF
    if now < meeting.starts_at:
        return Refusal(
            code=RefusalCode.NOT_ALLOWED,
            detail="feedback opens when the session begins: try again then",
            next_step=NextStep.RETRY_AFTER,
            retry_after=meeting.starts_at,
        )
    if joined_at and meeting.ends_at <= joined_at:
        return _TOO_LATE
    return ALREADY_GIVEN if has_given else None


def collect(waiting: Answers, answer: Answer, *, session_id: UUID, earlier: Set[UUID]) -> Collected:
    """Take an answer about a session, and release what is a lot by it.

    What is left over of ``earlier`` sessions goes into the room's pool, so that small rooms are heard too.
    """
    answers = {scope: list(those) for scope, those in waiting.items() if scope not in earlier}
    left_over = [each for scope in waiting if scope in earlier for each in waiting[scope]]
    if left_over:
        answers.setdefault(None, []).extend(left_over)
    answers.setdefault(session_id, []).append(answer)
    return Collected(
        waiting={scope: tuple(those) for scope, those in answers.items() if len(those) < LOT},
        released={scope: tuple(those) for scope, those in answers.items() if len(those) >= LOT},
    )


def numbers(useful: Mapping[int, int]) -> FeedbackNumbers:
    """Tell how many released answers there are, and how they are spread over 1 to 5."""
    counts = Counter(useful)
    answers = counts.total()
    return FeedbackNumbers(
        answers=answers,
        useful={str(value): counts[value] for value in range(1, 6)},
        average=round(sum(value * count for value, count in counts.items()) / answers, 1) if answers else None,
    )


def in_no_order(comments: Iterable[str]) -> list[str]:
    """Give comments in an order that follows from them alone, whoever said which, and when."""
    return sorted(comments)
