"""Planning, moving, revising and calling off sessions, one date or all that follow."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.rooms import (
    ENDED_ROOM,
    CancelSession,
    RefusalCode,
    RescheduleSession,
    ReviseSession,
    Room,
    ScheduleSession,
    Scope,
    Session,
    SessionStatus,
)
from practio_rooms.domain.agenda import (
    STATEMENTS,
    AgendaChanges,
    PlannedSession,
    RoomAgenda,
    Series,
    SessionChange,
    cancel,
    changed_statements,
    is_upcoming,
)
from practio_rooms.domain.recurrence import BadRule, instant, rule_of
from practio_rooms.domain.repetition import fingerprint_of
from practio_rooms.domain.room import Actor, incomplete, leads, not_allowed, not_in_this_state
from practio_rooms.domain.series import MOST_UPCOMING, date_of, horizon_of

SESSION_UNKNOWN = Refusal(code=RefusalCode.SESSION_UNKNOWN, detail="the room has no session with this id: check the id")
ID_TAKEN = Refusal(
    code=RefusalCode.ID_TAKEN, detail="a session with this id already exists with other content: use a new id"
)
IS_CALLED_OFF = Refusal(
    code=RefusalCode.NOT_IN_THIS_STATE, detail="a session that was called off cannot be changed: plan another one"
)
HAS_BEGUN = Refusal(code=RefusalCode.SESSION_PAST, detail="the session has begun and can no longer be changed")
INTO_THE_PAST = Refusal(code=RefusalCode.SESSION_PAST, detail="a session must start in the future: choose a later time")
TOO_MANY = Refusal(
    code=RefusalCode.TOO_MANY_SESSIONS,
    detail=f"a room may have at most {MOST_UPCOMING} upcoming sessions: plan fewer, or call some off",
)
NO_ZONE = FieldError(field="time_zone", message="set the room's time zone before you plan sessions")


def schedule_session(
    room: Room, agenda: RoomAgenda, command: ScheduleSession, by: Actor, *, now: datetime
) -> AgendaChanges | Refusal:
    """Plan a session or a series; the same command again changes nothing, whatever happened to the session since."""
    if not leads(room, by):
        return _NOT_ALLOWED
    fingerprint = fingerprint_of(command)
    if existing := agenda.sessions.get(command.session_id):
        return AgendaChanges() if existing.fingerprint == fingerprint else ID_TAKEN
    if command.session_id in agenda.elsewhere:
        return ID_TAKEN
    if room.status in ENDED_ROOM:
        return not_in_this_state(room, action="given sessions")
    if room.time_zone is None:
        return incomplete([NO_ZONE]) or AgendaChanges()
    changes = (
        _series(command, room.time_zone, fingerprint, now=now)
        if command.recurrence
        else _single(command, room.time_zone, fingerprint)
    )
    return changes if isinstance(changes, Refusal) else _checked(changes, agenda, now)


def _single(command: ScheduleSession, time_zone: str, fingerprint: str) -> AgendaChanges:
    starts_at = instant(command.starts_at, time_zone)
    session = Session(
        session_id=command.session_id,
        room_id=command.room_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=command.duration_minutes),
        time_zone=time_zone,
        topic=command.topic,
        place=command.place,
        meeting_url=command.meeting_url,
    )
    return AgendaChanges((SessionChange(None, PlannedSession(session, fingerprint)),))


def _series(command: ScheduleSession, time_zone: str, fingerprint: str, *, now: datetime) -> AgendaChanges | Refusal:
    """Plan the first date, which takes the id in the command, and those within the horizon."""
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
    named = replace(date_of(series, first, session_id=command.session_id), fingerprint=fingerprint)
    further = (date_of(series, each) for each in rule.dates(after=first, upto=upto))
    return AgendaChanges(
        tuple(SessionChange(None, each) for each in chain([named], further)), (replace(series, planned_until=upto),)
    )


def _checked(changes: AgendaChanges, agenda: RoomAgenda, now: datetime) -> AgendaChanges | Refusal:
    if changes.sessions[0].after.session.starts_at <= now:
        return INTO_THE_PAST
    if any(each.after.session.session_id in agenda.sessions for each in changes.sessions):
        return ID_TAKEN
    return TOO_MANY if len(agenda.upcoming(now)) + len(changes.sessions) > MOST_UPCOMING else changes


def reschedule_session(
    room: Room, agenda: RoomAgenda, command: RescheduleSession, by: Actor, *, now: datetime
) -> AgendaChanges | Refusal:
    """Move a session by the wall clock of the room's current zone, and on request all that follow in its series.

    Those that follow are shifted from their rule's times by as much as this one; dates that were moved on their own
    or called off stay as they are.
    """
    target = _target(room, agenda, command, by, now=now)
    if isinstance(target, Refusal):
        return target
    if target.session.status is SessionStatus.CANCELLED:
        return IS_CALLED_OFF
    time_zone = room.time_zone or target.session.time_zone
    if instant(command.starts_at, time_zone) <= now:
        return INTO_THE_PAST
    if command.scope is Scope.FOLLOWING and target.ruled_at is not None:
        return _moved_from(target, target.ruled_at, command, time_zone, agenda, now=now)
    moved = replace(target, has_own_time=target.ruled_at is not None)
    return AgendaChanges(tuple(_moved(target, moved, command.starts_at, time_zone, _length(command))))


def _moved_from(
    target: PlannedSession,
    ruled_at: datetime,
    command: RescheduleSession,
    time_zone: str,
    agenda: RoomAgenda,
    *,
    now: datetime,
) -> AgendaChanges:
    shift, length = command.starts_at - ruled_at, _length(command)
    changes = chain.from_iterable(
        _moved(each, replace(each, has_own_time=False), each.ruled_at + shift, time_zone, length)
        for each in with_following(target, agenda, now)
        if each.ruled_at is not None and (each is target or not each.has_own_time)
    )
    series = [each for each in agenda.series.values() if each.series_id == target.session.series_id]
    after = (replace(each, shift=shift, time_zone=time_zone, duration=length or each.duration) for each in series)
    return AgendaChanges(tuple(changes), tuple(after))


def _moved(
    before: PlannedSession, after: PlannedSession, local: datetime, time_zone: str, length: timedelta | None
) -> Iterator[SessionChange]:
    """Yield the change of a session to another time, if the time differs."""
    session = before.session
    starts_at = instant(local, time_zone)
    ends_at = starts_at + (length or session.ends_at - session.starts_at)
    times = {"starts_at": starts_at, "ends_at": ends_at, "time_zone": time_zone}
    if session.model_copy(update=times) != session:
        moved = session.model_copy(update={**times, "revision": session.revision + 1})
        yield SessionChange(before, replace(after, session=moved))


def cancel_session(
    room: Room, agenda: RoomAgenda, command: CancelSession, by: Actor, *, now: datetime
) -> AgendaChanges | Refusal:
    """Call off a session, and on request all that follow in its series, including those moved on their own.

    That ends the series. A series that goes on may be ended by a date that has begun, which itself stays as it was.
    """
    follow = command.scope is Scope.FOLLOWING
    named = agenda.sessions.get(command.session_id)
    series = _going_on(named, agenda) if follow and named else []
    target = _target(room, agenda, command, by, now=now, may_have_begun=bool(series))
    if isinstance(target, Refusal):
        return target
    if not follow or target.ruled_at is None:
        alone = [target] if is_upcoming(target.session, now) else []
        return AgendaChanges(tuple(cancel(each, command.reason) for each in alone))
    sessions = with_following(target, agenda, now)
    return AgendaChanges(
        tuple(cancel(each, command.reason, ends_series=True) for each in sessions),
        tuple(replace(each, has_ended=True) for each in series),
    )


def _going_on(planned: PlannedSession, agenda: RoomAgenda) -> list[Series]:
    """Return the series of a session, as a list, if it gives further dates."""
    all_series = agenda.series.values()
    return [each for each in all_series if each.series_id == planned.session.series_id and not each.has_ended]


def revise_session(
    room: Room, agenda: RoomAgenda, command: ReviseSession, by: Actor, *, now: datetime
) -> AgendaChanges | Refusal:
    """Change the given statements of a session, and on request of all that follow in its series.

    Those that follow include dates moved on their own, and those that will be topped up.
    """
    target = _target(room, agenda, command, by, now=now)
    if isinstance(target, Refusal):
        return target
    if target.session.status is SessionStatus.CANCELLED:
        return IS_CALLED_OFF
    follow = command.scope is Scope.FOLLOWING and target.ruled_at is not None
    stated = {name: getattr(command, name) for name in STATEMENTS if name in command.model_fields_set}
    sessions = with_following(target, agenda, now) if follow else [target]
    series = [each for each in agenda.series.values() if follow and each.series_id == target.session.series_id]
    revised = ((each, replace(each, **stated)) for each in series)
    return AgendaChanges(
        tuple(chain.from_iterable(_revised(each, stated) for each in sessions)),
        tuple(after for before, after in revised if changed_statements(before, after)),
    )


def _revised(before: PlannedSession, stated: Mapping[str, str | None]) -> Iterator[SessionChange]:
    """Yield the change of a session's statements, if they differ."""
    after = before.session.model_copy(update={**stated, "revision": before.session.revision + 1})
    if changed_statements(before.session, after):
        yield SessionChange(before, replace(before, session=after))


def _target(
    room: Room,
    agenda: RoomAgenda,
    command: RescheduleSession | ReviseSession | CancelSession,
    by: Actor,
    *,
    now: datetime,
    may_have_begun: bool = False,
) -> PlannedSession | Refusal:
    """Return the session to change, or why it may not."""
    if not leads(room, by):
        return _NOT_ALLOWED
    if room.status in ENDED_ROOM:
        return not_in_this_state(room, action="given other sessions")
    target = agenda.sessions.get(command.session_id)
    if target is None:
        return SESSION_UNKNOWN
    return HAS_BEGUN if target.session.starts_at <= now and not may_have_begun else target


def with_following(target: PlannedSession, agenda: RoomAgenda, now: datetime) -> Iterator[PlannedSession]:
    """Yield a date of a series and those after it by the rule, as far as they are upcoming."""
    for each in agenda.upcoming(now):
        is_of_series = each.session.series_id == target.session.series_id
        if is_of_series and each.ruled_at and target.ruled_at and each.ruled_at >= target.ruled_at:
            yield each


def _length(command: RescheduleSession) -> timedelta | None:
    return None if command.duration_minutes is None else timedelta(minutes=command.duration_minutes)


_NOT_ALLOWED = not_allowed("only the host and the facilitators can plan sessions: ask one of them")
