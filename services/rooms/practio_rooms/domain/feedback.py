"""Feedback without names: who may give it, and in which lots it is released.

A feedback entry is in exactly one lot, only whole lots are ever shown, and each lot is by four people or more. So the
difference between two results, whatever the queries and whenever they are sent, consists of whole lots and reveals no
fewer than four people at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from practio_contracts.answers import NextStep, Refusal
from practio_contracts.rooms import FeedbackNumbers, RefusalCode, SessionStatus

LOT = 4
"""The fewest people whose feedback is shown together."""

Scope = UUID | None
"""The session that feedback counts for; None: leftovers of several sessions, which count for the room as a whole."""

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
class AnonymousFeedback:
    """One person's feedback on a session; nothing here reveals the person, the time or the order."""

    useful: int
    comment: str | None


@dataclass(frozen=True, slots=True)
class RatedSession:
    """A session's times (UTC) and status."""

    starts_at: datetime
    ends_at: datetime
    status: SessionStatus


@dataclass(frozen=True, slots=True)
class WaitingFeedback:
    """The entries of a scope that wait for a lot, and the people who gave them; nothing says whose an entry is.

    People who were erased since, or whom an earlier release did not note, are left out.
    """

    entries: tuple[AnonymousFeedback, ...] = ()
    people: frozenset[UUID] = frozenset()

    def __add__(self, other: "WaitingFeedback") -> "WaitingFeedback":
        """Return the feedback of both."""
        return WaitingFeedback(self.entries + other.entries, self.people | other.people)


WaitingByScope = Mapping[Scope, WaitingFeedback]


@dataclass(frozen=True, slots=True)
class CollectedFeedback:
    """A room's feedback after one more entry: what still waits for a lot, and the lots that are now full."""

    waiting: WaitingByScope
    released: Mapping[Scope, tuple[AnonymousFeedback, ...]]


def refusal(
    session: RatedSession | None, *, is_in_room: bool, joined_at: datetime | None, has_given: bool, now: datetime
) -> Refusal | None:
    """Return why a person cannot give feedback, or None; ``joined_at`` is when they joined the room, if known."""
    if not is_in_room:
        return NOT_IN_ROOM
    if session is None:
        return SESSION_UNKNOWN
    if session.status is SessionStatus.CANCELLED:
        return _CALLED_OFF
    if now < session.starts_at:
        return Refusal(
            code=RefusalCode.NOT_ALLOWED,
            detail="feedback opens when the session begins: try again then",
            next_step=NextStep.RETRY_AFTER,
            retry_after=session.starts_at,
        )
    if joined_at and session.ends_at <= joined_at:
        return _TOO_LATE
    return ALREADY_GIVEN if has_given else None


def collect(
    waiting: WaitingByScope, entry: AnonymousFeedback, *, by: UUID, session_id: UUID, earlier: Set[UUID]
) -> CollectedFeedback:
    """Add feedback on a session, and release each lot that it completes.

    Leftovers of ``earlier`` sessions are released together, for the room as a whole, once four people gave them: so
    feedback in small rooms is released too, and never that of one person who came to four sessions.
    """
    after = dict(waiting)
    released: dict[Scope, tuple[AnonymousFeedback, ...]] = {}
    left_over = [scope for scope in waiting if scope is None or scope in earlier]
    pool = sum((waiting[scope] for scope in left_over), WaitingFeedback())
    if len(pool.people) >= LOT <= len(pool.entries):
        released[None] = pool.entries
        for scope in left_over:
            del after[scope]
    own = after.pop(session_id, WaitingFeedback()) + WaitingFeedback((entry,), frozenset({by}))
    if len(own.entries) >= LOT:  # each by somebody else: nobody gives feedback on a session twice
        released[session_id] = own.entries
    else:
        after[session_id] = own
    return CollectedFeedback(waiting=after, released=released)


def numbers(useful: Mapping[int, int]) -> FeedbackNumbers:
    """Return the number of released ratings and their distribution over 1 to 5."""
    counts = Counter(useful)
    answers = counts.total()
    return FeedbackNumbers(
        answers=answers,
        useful={str(value): counts[value] for value in range(1, 6)},
        average=round(sum(value * count for value, count in counts.items()) / answers, 1) if answers else None,
    )


def sorted_comments(comments: Iterable[str]) -> list[str]:
    """Return comments in an order that depends on their texts alone, and so reveals neither author nor time."""
    return sorted(comments)
