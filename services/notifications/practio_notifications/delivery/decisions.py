"""What happens to a letter that is due, by its relevance and its reader's preferences; decided without the database."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.notifications import LetterStatus
from practio_contracts.rooms import Coming, Session, SessionScheduled
from practio_notifications.letters.abridging import Counted
from practio_notifications.letters.dates import announces_added_dates, missing_dates, session_with_id, sessions_of
from practio_notifications.letters.delivery import Next
from practio_notifications.letters.digests import Gather, Unwanted, Wait, disposition
from practio_notifications.letters.kinds import KIND, SESSION_REMINDER, LetterKind
from practio_notifications.letters.quiet_hours import leaves_at
from practio_notifications.letters.recipients import Cause
from practio_notifications.letters.relevance import Situation, SkipReason, is_in, skip_reason
from practio_notifications.letters.unread_sessions import check_sessions_read
from practio_notifications.store.calendar_entries import NumberedEntry
from practio_notifications.store.delivery_rules import DeliveryRules
from practio_notifications.tables import LetterRow

_INTERRUPTED = Next(LetterStatus.UNKNOWN, "sender-interrupted")


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """A letter that this attempt has claimed, relevant when it was claimed.

    ``leaves_at`` is when it was first claimed, however long it waited before, ``made_at`` the time of this attempt.
    ``added`` are the dates that series were given later, and whose calendar entries its reader has not got before.
    ``entries`` are the SEQUENCE and the address of each session's calendar entry, ``answers`` whether the reader comes
    to those to which they have answered at their present time. ``items`` are the letters of a digest that it may show,
    and ``besides`` the numbers of the others by room (``abridging.Counted``).
    """

    letter_id: UUID
    tries: int
    kind: LetterKind
    event: Cause
    sessions: Sequence[Session]
    situation: Situation
    person_id: UUID
    member_id: UUID
    room_id: UUID | None
    created_at: datetime
    leaves_at: datetime
    made_at: datetime
    traceparent: str | None = None
    items: tuple["OutgoingLetter", ...] = ()
    besides: Mapping[Hashable, int] = field(default_factory=dict)
    added: Sequence[Session] = ()
    entries: Mapping[UUID, NumberedEntry] = field(default_factory=dict)
    answers: Mapping[UUID, Coming] = field(default_factory=dict)

    @property
    def brought(self) -> Sequence[Session]:
        """Return the sessions whose calendar entries the letter brings: a reminder only those of added dates."""
        if self.kind.calendar is None:
            return ()
        return self.added if self.kind is SESSION_REMINDER else self.sessions


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A due letter with everything that decides about it; ``contents`` are the letters that leave in a digest."""

    letter: LetterRow
    situation: Situation
    rules: DeliveryRules
    contents: Counted[OutgoingLetter] | None = None


Decision = OutgoingLetter | Gather | Next
"""What happens to a due letter: it leaves, joins a digest, or ends in a state."""


def decide(case: DueLetter, now: datetime) -> Decision:
    """Return what happens to a due letter: its relevance decides first, then its reader's preferences."""
    letter = case.letter
    outcome = _digest(case, now) if KIND[letter.kind].is_digest else _one(letter, case.situation, now)
    may_have_left = letter.status == LetterStatus.SENDING or letter.interrupted
    if not isinstance(outcome, OutgoingLetter):
        return outcome
    if case.rules.suppressed:
        return _INTERRUPTED if may_have_left else Next(LetterStatus.SUPPRESSED, "address-suppressed")
    if may_have_left or outcome.items:
        return outcome
    preferred = _as_preferred(outcome, case.rules, now)
    return outcome if letter.tries and isinstance(preferred, Gather) else preferred


def ends_unopened(case: DueLetter, now: datetime) -> Next | None:
    """Return the state in which a due digest ends, or waits, whatever letters it contains; None if they decide."""
    letter, rules = case.letter, case.rules
    silent = letter.status == LetterStatus.SENDING
    if silent and letter.interrupted:
        return _INTERRUPTED
    if letter.cause_data is None:
        return _skipped(SkipReason.PERSON_ERASED, may_have_left=silent or letter.interrupted)
    leaves = leaves_at(max(_hour(letter.cause_data), now), rules.preferences.quiet_hours, rules.zone)
    if leaves > now and not (silent or letter.interrupted):
        return Next(LetterStatus.HELD, None, leaves)
    return None


def decide_item(case: DueLetter, now: datetime) -> OutgoingLetter | Next:
    """Return a letter that a digest contains, or the state it ends in if it is no longer relevant or wanted."""
    outcome = _one(case.letter, case.situation, now)
    if isinstance(outcome, Next):
        return outcome
    unwanted = disposition(outcome.kind.category, outcome.room_id, case.rules.preferences, case.rules.zone, now)
    return Next(LetterStatus.SKIPPED, unwanted) if isinstance(unwanted, Unwanted) else outcome


def _as_preferred(leaving: OutgoingLetter, rules: DeliveryRules, now: datetime) -> OutgoingLetter | Gather | Next:
    kind, wanted = leaving.kind, rules.preferences
    match disposition(kind.category, leaving.room_id, wanted, rules.zone, now, weekly=kind.weekly):
        case Unwanted() as reason:
            return Next(LetterStatus.SKIPPED, reason)
        case Wait(until=until):
            return Next(LetterStatus.HELD, None, until)
        case Gather() as gather_it:
            return gather_it
        case None:
            return leaving


def _digest(case: DueLetter, now: datetime) -> OutgoingLetter | Next:
    """Return a due digest with the letters that are still relevant and wanted at its hour, or the state it ends in."""
    letter, contents = case.letter, case.contents
    if (ended := ends_unopened(case, now)) is not None:
        return ended
    if contents is None or not contents.items or letter.cause_data is None:
        may_have_left = letter.status == LetterStatus.SENDING or letter.interrupted
        return _skipped(SkipReason.NOTHING_LEFT, may_have_left=may_have_left)
    return replace(
        contents.items[0],
        letter_id=letter.letter_id,
        tries=letter.tries + 1,
        kind=KIND[letter.kind],
        created_at=_hour(letter.cause_data),
        leaves_at=letter.first_tried_at or now,
        traceparent=letter.traceparent,
        items=tuple(contents.items),
        besides=contents.besides,
    )


def _hour(cause_data: Mapping[str, Any]) -> datetime:
    """Return the hour of a digest."""
    return datetime.fromisoformat(cause_data["at"])


def _one(letter: LetterRow, situation: Situation, now: datetime) -> OutgoingLetter | Next:
    """Return what is needed to send a due letter, or the state in which it ends instead.

    If a letter's sender died, it may have left already: it is sent once more with the same Message-ID, but never a
    third time, and it is not recorded as skipped if it is no longer relevant. Raise UnreadSessionError if it needs a
    session that this release cannot read.
    """
    silent = letter.status == LetterStatus.SENDING and letter.gathered_in is None
    if silent and letter.interrupted:
        return _INTERRUPTED
    if letter.cause_data is None:
        return _skipped(SkipReason.PERSON_ERASED, may_have_left=silent or letter.interrupted)
    kind = KIND[letter.kind]
    try:
        event = kind.event.model_validate(letter.cause_data)
    except ValidationError:
        return Next(LetterStatus.FAILED, "fact-unreadable")
    in_room = is_in(letter.person_id, situation)
    check_sessions_read(kind, event, letter.event_id, situation.unread_sessions, in_room=in_room)
    reason = skip_reason(kind, event, letter.event_id, letter.person_id, situation, now)
    if reason is not None:
        return _skipped(reason, may_have_left=silent or letter.interrupted)
    return OutgoingLetter(
        letter_id=letter.letter_id,
        tries=letter.tries + 1,
        kind=kind,
        event=event,
        sessions=_sessions(letter, kind, event, situation, now),
        situation=situation,
        person_id=letter.person_id,
        member_id=letter.member_id,
        room_id=letter.room_id,
        created_at=letter.created_at,
        leaves_at=letter.first_tried_at or now,
        made_at=now,
        traceparent=letter.traceparent,
        added=_added(kind, event, situation, now),
    )


def _added(kind: LetterKind, event: Cause, situation: Situation, now: datetime) -> Sequence[Session]:
    """Return the added dates that a letter brings: a reminder beside its session, an announcement as its sessions."""
    if kind is SESSION_REMINDER or announces_added_dates(event, situation.sessions):
        return missing_dates(situation.sessions, now)
    return ()


def _sessions(letter: LetterRow, kind: LetterKind, event: Cause, situation: Situation, now: datetime) -> list[Session]:
    if kind is SESSION_REMINDER and isinstance(event, SessionScheduled):
        return session_with_id(event.session.session_id, situation.sessions)
    known, in_room = situation.sessions, is_in(letter.person_id, situation)
    return sessions_of(event, letter.event_id, known, in_room=in_room, now=now)


def _skipped(reason: SkipReason, *, may_have_left: bool) -> Next:
    return _INTERRUPTED if may_have_left else Next(LetterStatus.SKIPPED, reason)
