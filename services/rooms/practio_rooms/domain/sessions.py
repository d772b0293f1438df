"""What is wished of sessions: planning, moving and calling off, one date or all that follow (rooms.md, Sessions)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.rooms import (
    CancelSession,
    RefusalCode,
    RescheduleSession,
    Room,
    ScheduleSession,
    Scope,
    Session,
    SessionStatus,
)
from practio_rooms.domain.agenda import Agenda, Planned, Series, Told, Turn, cancelled, is_to_come
from practio_rooms.domain.recurrence import BadRule, instant, rule_of
from practio_rooms.domain.room import FINAL, Actor, has_say, incomplete, not_allowed, not_in_this_state
from practio_rooms.domain.series import MOST_TO_COME, date_of, horizon_of

SESSION_UNKNOWN = Refusal(code=RefusalCode.SESSION_UNKNOWN, detail="the room has no session with this id: check the id")
ID_TAKEN = Refusal(
    code=RefusalCode.ID_TAKEN, detail="a session with this id already exists with other content: use a new id"
)
IS_CALLED_OFF = Refusal(
    code=RefusalCode.NOT_IN_THIS_STATE, detail="a session that was called off cannot be moved: plan another one"
)
HAS_BEGUN = Refusal(code=RefusalCode.SESSION_PAST, detail="the session has begun and can no longer be changed")
INTO_THE_PAST = Refusal(code=RefusalCode.SESSION_PAST, detail="a session must start in the future: choose a later time")
TOO_MANY = Refusal(
    code=RefusalCode.TOO_MANY_SESSIONS,
    detail=f"a room may have at most {MOST_TO_COME} upcoming sessions: plan fewer, or call some off",
)
NO_ZONE = FieldError(field="time_zone", message="set the room's time zone before you plan sessions")


def schedule_session(
    room: Room, agenda: Agenda, command: ScheduleSession, by: Actor, *, now: datetime
) -> Turn | Refusal:
    """Plan a session or a series; the same command once more changes nothing, whatever became of the session since."""
    if not _may_plan(room, by):
        return _NOT_ALLOWED
    asked = _fingerprint(command)
    if known := agenda.sessions.get(command.session_id):
        return Turn() if known.asked == asked else ID_TAKEN
    if command.session_id in agenda.elsewhere:
        return ID_TAKEN
    if room.status in FINAL:
        return not_in_this_state(room, wished="given sessions")
    if room.time_zone is None:
        return incomplete([NO_ZONE]) or Turn()
    turn = (
        _series(command, room.time_zone, asked, now=now)
        if command.recurrence
        else _single(command, room.time_zone, asked)
    )
    return turn if isinstance(turn, Refusal) else _that_fits(turn, agenda, now)


def _single(command: ScheduleSession, time_zone: str, asked: str) -> Turn:
    starts_at = instant(command.starts_at, time_zone)
    shown = Session(
        session_id=command.session_id,
        room_id=command.room_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=command.duration_minutes),
        time_zone=time_zone,
        topic=command.topic,
        place=command.place,
        meeting_url=command.meeting_url,
    )
    return Turn((Told(None, Planned(shown, asked)),))


def _series(command: ScheduleSession, time_zone: str, asked: str, *, now: datetime) -> Turn | Refusal:
    """Plan the first date, which takes the id that is wished for, and those within the horizon."""
    assert command.recurrence
    rule = rule_of(command.recurrence, starts_at=command.starts_at, time_zone=time_zone)
    if isinstance(rule, BadRule):
        error = FieldError(field="recurrence.rrule", message=rule.detail)
        return Refusal(code=RefusalCode.BAD_RECURRENCE, detail=rule.detail, errors=(error,))
    first = next(rule.dates())
    series = Series(
        series_id=command.session_id,
        room_id=command.room_id,
        rule=rule,
        time_zone=time_zone,
        duration=timedelta(minutes=command.duration_minutes),
        planned_until=first,
        topic=command.topic,
        place=command.place,
        meeting_url=command.meeting_url,
    )
    upto = max(first, horizon_of(series, now=now))
    named = replace(date_of(series, first, session_id=command.session_id), asked=asked)
    further = (date_of(series, each) for each in rule.dates(after=first, upto=upto))
    return Turn(tuple(Told(None, each) for each in chain([named], further)), (replace(series, planned_until=upto),))


def _that_fits(turn: Turn, agenda: Agenda, now: datetime) -> Turn | Refusal:
    if turn.told[0].after.shown.starts_at <= now:
        return INTO_THE_PAST
    if any(each.after.shown.session_id in agenda.sessions for each in turn.told):
        return ID_TAKEN
    return TOO_MANY if len(agenda.coming(now)) + len(turn.told) > MOST_TO_COME else turn


def reschedule_session(
    room: Room, agenda: Agenda, command: RescheduleSession, by: Actor, *, now: datetime
) -> Turn | Refusal:
    """Move a session, by the wall clock of the room's zone as it is now, and maybe all that follow in its series.

    Those that follow are held as much later or earlier than their rule says as this one; dates that were moved by
    themselves, and those called off, stay as they are.
    """
    meant = _meant(room, agenda, command, by, now=now)
    if isinstance(meant, Refusal):
        return meant
    if meant.shown.status is SessionStatus.CANCELLED:
        return IS_CALLED_OFF
    time_zone = room.time_zone or meant.shown.time_zone
    if instant(command.starts_at, time_zone) <= now:
        return INTO_THE_PAST
    if command.scope is Scope.FOLLOWING and meant.ruled_at is not None:
        return _moved_from(meant, meant.ruled_at, command, time_zone, agenda, now=now)
    moved = replace(meant, has_own_time=meant.ruled_at is not None)
    return Turn(tuple(_moved(meant, moved, command.starts_at, time_zone, _length(command))))


def _moved_from(
    meant: Planned, ruled_at: datetime, command: RescheduleSession, time_zone: str, agenda: Agenda, *, now: datetime
) -> Turn:
    shift, length = command.starts_at - ruled_at, _length(command)
    told = chain.from_iterable(
        _moved(each, replace(each, has_own_time=False), each.ruled_at + shift, time_zone, length)
        for each in _from(meant, agenda, now)
        if each.ruled_at is not None and (each is meant or not each.has_own_time)
    )
    series = [each for each in agenda.series.values() if each.series_id == meant.shown.series_id]
    after = (replace(each, shift=shift, time_zone=time_zone, duration=length or each.duration) for each in series)
    return Turn(tuple(told), tuple(after))


def _moved(
    before: Planned, after: Planned, local: datetime, time_zone: str, length: timedelta | None
) -> Iterator[Told]:
    """Tell a session at another time, where it is another one."""
    shown = before.shown
    starts_at = instant(local, time_zone)
    ends_at = starts_at + (length or shown.ends_at - shown.starts_at)
    times = {"starts_at": starts_at, "ends_at": ends_at, "time_zone": time_zone}
    if shown.model_copy(update=times) != shown:
        moved = shown.model_copy(update={**times, "revision": shown.revision + 1})
        yield Told(before, replace(after, shown=moved))


def cancel_session(room: Room, agenda: Agenda, command: CancelSession, by: Actor, *, now: datetime) -> Turn | Refusal:
    """Call a session off, and maybe all that follow in its series, those moved by themselves too."""
    meant = _meant(room, agenda, command, by, now=now)
    if isinstance(meant, Refusal):
        return meant
    follow = command.scope is Scope.FOLLOWING and meant.ruled_at is not None
    told = _from(meant, agenda, now) if follow else [each for each in [meant] if is_to_come(each.shown, now)]
    series = [each for each in agenda.series.values() if follow and each.series_id == meant.shown.series_id]
    return Turn(
        tuple(cancelled(each, command.reason) for each in told), tuple(replace(each, has_ended=True) for each in series)
    )


def _meant(
    room: Room, agenda: Agenda, command: RescheduleSession | CancelSession, by: Actor, *, now: datetime
) -> Planned | Refusal:
    """Give the session that is to change, where it may."""
    if not _may_plan(room, by):
        return _NOT_ALLOWED
    if room.status in FINAL:
        return not_in_this_state(room, wished="given other sessions")
    meant = agenda.sessions.get(command.session_id)
    if meant is None:
        return SESSION_UNKNOWN
    return HAS_BEGUN if meant.shown.starts_at <= now else meant


def _from(meant: Planned, agenda: Agenda, now: datetime) -> Iterator[Planned]:
    """Give a date of a series and those after it, by the rule, that are still to come."""
    for each in agenda.coming(now):
        is_of_series = each.shown.series_id == meant.shown.series_id
        if is_of_series and each.ruled_at and meant.ruled_at and each.ruled_at >= meant.ruled_at:
            yield each


def _length(command: RescheduleSession) -> timedelta | None:
    return None if command.duration_minutes is None else timedelta(minutes=command.duration_minutes)


def _may_plan(room: Room, by: Actor) -> bool:
    return has_say(room, by) or by in room.facilitator_ids


_NOT_ALLOWED = not_allowed("only the host and the facilitators can plan sessions: ask one of them")


def _fingerprint(command: ScheduleSession) -> str:
    """Tell a command from all others; without nulls, so that fields added to the contract leave it as it is."""
    return sha256(command.model_dump_json(exclude_none=True).encode()).hexdigest()
