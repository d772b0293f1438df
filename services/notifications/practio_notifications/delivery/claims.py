"""Letters that are due: claimed for sending, collected in digests, held, or settled without being sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from practio_chassis.context import MessageContext
from practio_contracts.notifications import LetterStatus
from practio_contracts.rooms import Session, SessionScheduled
from practio_notifications.delivery.outcomes import publish_outcomes, settle
from practio_notifications.letters.dates import session_with_id, sessions_of
from practio_notifications.letters.delivery import Next
from practio_notifications.letters.digests import Gather, Unwanted, Wait, disposition
from practio_notifications.letters.kinds import DIGESTS, KIND, SESSION_REMINDER, Category, Kind
from practio_notifications.letters.quiet_hours import leaves_at
from practio_notifications.letters.recipients import Cause
from practio_notifications.letters.relevance import Situation, SkipReason, is_in, skip_reason
from practio_notifications.store.delivery_rules import DeliveryRules, delivery_rules_of
from practio_notifications.store.digests import gather, gathered
from practio_notifications.store.letters import due, in_hand
from practio_notifications.store.situations import situations
from practio_notifications.tables import LetterRow

_INTERRUPTED = Next(LetterStatus.UNKNOWN, "sender-interrupted")
_LOOKED_AT_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """A letter that this attempt has claimed, relevant when it was claimed;

    ``items`` are the letters that a digest contains.
    """

    letter_id: UUID
    tries: int
    kind: Kind
    event: Cause
    sessions: Sequence[Session]
    situation: Situation
    person_id: UUID
    member_id: UUID
    room_id: UUID | None
    created_at: datetime
    traceparent: str | None = None
    items: tuple["OutgoingLetter", ...] = ()


async def renew(context: MessageContext[Any], leaving: Iterable[OutgoingLetter], lease: timedelta) -> None:
    """Keep letters in hand for another ``lease``."""
    for letter in await in_hand(context.session, {each.letter_id: each.tries for each in leaving}):
        letter.due_at = context.now + lease


async def claim(context: MessageContext[Any], *, limit: int, lease: timedelta) -> tuple[list[OutgoingLetter], int]:
    """Claim up to ``limit`` due letters for the duration of ``lease``, and settle those that are not to be sent.

    Return the letters to send, and how many were due.
    """
    letters = await due(context.session, now=context.now, limit=limit) if limit else []
    leaving, gathering, settled = [], [], []
    for case in await _cases(context, letters):
        outcome = _outcome(case, context)
        if isinstance(outcome, Next):
            settle(context, case.letter, outcome)
            settled.append(case.letter)
        elif isinstance(outcome, Gather):
            gathering.append((case.letter, outcome.at))
        else:
            _take_in_hand(case.letter, context.now, lease)
            leaving.append(outcome)
    await _gather(context, gathering)
    await publish_outcomes(context, settled)
    return leaving, len(letters)


@dataclass(frozen=True, slots=True)
class _DueLetter:
    """A due letter with everything that decides about it; ``items`` are the letters that a digest is to contain."""

    letter: LetterRow
    situation: Situation
    rules: DeliveryRules
    items: "list[_DueLetter]"


async def _cases(context: MessageContext[Any], letters: Sequence[LetterRow]) -> list[_DueLetter]:
    digests = {letter.letter_id for letter in letters if KIND[letter.kind].is_digest}
    gathered_in = await gathered(context.session, digests)
    everything = [*letters, *(item for items in gathered_in.values() for item in items)]
    known = await situations(context.session, everything, context.now)
    gates = await delivery_rules_of(context.session, everything, known)
    cases = {
        letter.letter_id: _DueLetter(letter, situation, gate, [])
        for letter, situation, gate in zip(everything, known, gates, strict=True)
    }
    for digest, items in gathered_in.items():
        cases[digest].items.extend(cases[item.letter_id] for item in items)
    return [cases[letter.letter_id] for letter in letters]


def _outcome(case: _DueLetter, context: MessageContext[Any]) -> OutgoingLetter | Gather | Next:
    """Return what happens to a due letter: its relevance decides first, then its reader's preferences."""
    letter, gate = case.letter, case.rules
    may_have_left = letter.status == LetterStatus.SENDING or letter.interrupted
    if KIND[letter.kind].is_digest:
        outcome = _digest_or_not(case, context)
    else:
        outcome = _leaving_or_not(letter, case.situation, context.now)
    if isinstance(outcome, Next):
        return outcome
    if gate.suppressed:
        return _INTERRUPTED if may_have_left else Next(LetterStatus.SUPPRESSED, "address-suppressed")
    if may_have_left or outcome.items:
        return outcome
    preferred = _as_preferred(outcome, gate, context.now)
    return outcome if letter.tries and isinstance(preferred, Gather) else preferred


def _as_preferred(leaving: OutgoingLetter, gate: DeliveryRules, now: datetime) -> OutgoingLetter | Gather | Next:
    match disposition(leaving.kind.category, leaving.room_id, gate.preferences, gate.zone, now):
        case Unwanted() as reason:
            return Next(LetterStatus.SKIPPED, reason)
        case Wait(until=until):
            return Next(LetterStatus.HELD, None, until)
        case Gather() as gather_it:
            return gather_it
        case None:
            return leaving


def _digest_or_not(case: _DueLetter, context: MessageContext[Any]) -> OutgoingLetter | Next:
    """Return a due digest with the letters that are still relevant and wanted at its hour, or the state it ends in."""
    letter, gate = case.letter, case.rules
    silent = letter.status == LetterStatus.SENDING
    if silent and letter.interrupted:
        return _INTERRUPTED
    if letter.cause_data is None:
        return _skipped(SkipReason.PERSON_ERASED, may_have_left=silent or letter.interrupted)
    hour = datetime.fromisoformat(letter.cause_data["at"])
    leaves = leaves_at(max(hour, context.now), gate.preferences.quiet_hours, gate.zone)
    if leaves > context.now and not (silent or letter.interrupted):
        return Next(LetterStatus.HELD, None, leaves)
    items = [item for each in case.items if (item := _item(each, context)) is not None]
    if not items:
        return _skipped(SkipReason.NOTHING_LEFT, may_have_left=silent or letter.interrupted)
    first = items[0]
    return replace(
        first,
        letter_id=letter.letter_id,
        tries=letter.tries + 1,
        kind=KIND[letter.kind],
        created_at=hour,
        traceparent=letter.traceparent,
        items=tuple(items),
    )


def _item(case: _DueLetter, context: MessageContext[Any]) -> OutgoingLetter | None:
    """Return a letter that a digest contains; settle it instead if it is no longer relevant or wanted."""
    outcome: OutgoingLetter | Next = _leaving_or_not(case.letter, case.situation, context.now)
    if isinstance(outcome, OutgoingLetter):
        unwanted = disposition(
            outcome.kind.category, outcome.room_id, case.rules.preferences, case.rules.zone, context.now
        )
        outcome = Next(LetterStatus.SKIPPED, unwanted) if isinstance(unwanted, Unwanted) else outcome
    if isinstance(outcome, Next):
        settle(context, case.letter, outcome)
        return None
    case.letter.status = LetterStatus.SENDING
    return outcome


async def _gather(context: MessageContext[Any], gathering: Sequence[tuple[LetterRow, datetime]]) -> None:
    """Put letters into their digests; if a digest is leaving right now, they are looked at again for the next one."""
    await context.session.flush()
    groups: dict[tuple[UUID, str, datetime], list[LetterRow]] = {}
    for letter, at in gathering:
        groups.setdefault((letter.person_id, KIND[letter.kind].category, at), []).append(letter)
    for (_, category, at), letters in sorted(groups.items(), key=lambda group: group[0]):
        if not await gather(context.session, letters, DIGESTS[Category(category)], at, context.now):
            for letter in letters:
                letter.status, letter.due_at = LetterStatus.HELD, context.now + _LOOKED_AT_AGAIN


def _leaving_or_not(letter: LetterRow, situation: Situation, now: datetime) -> OutgoingLetter | Next:
    """Return what is needed to send a due letter, or the state in which it ends instead.

    If a letter's sender died, it may have left already: it is sent once more with the same Message-ID, but never a
    third time, and it is not recorded as skipped if it is no longer relevant (promises.md).
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
        traceparent=letter.traceparent,
    )


def _sessions(letter: LetterRow, kind: Kind, event: Cause, situation: Situation, now: datetime) -> list[Session]:
    if kind is SESSION_REMINDER and isinstance(event, SessionScheduled):
        return session_with_id(event.session.session_id, situation.sessions)
    known, in_room = situation.sessions, is_in(letter.person_id, situation)
    return sessions_of(event, letter.event_id, known, in_room=in_room, now=now)


def _skipped(reason: SkipReason, *, may_have_left: bool) -> Next:
    return _INTERRUPTED if may_have_left else Next(LetterStatus.SKIPPED, reason)


def _take_in_hand(letter: LetterRow, now: datetime, lease: timedelta) -> None:
    letter.interrupted = letter.interrupted or letter.status == LetterStatus.SENDING
    letter.status, letter.due_at = LetterStatus.SENDING, now + lease
    letter.tries += 1
    letter.first_tried_at = letter.first_tried_at or now
