"""Who comes and who came: who may state it, and until when (services/rooms/README.md, Sessions that live)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from practio_contracts.answers import FieldError, NextStep, Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import LIVE_ROOM, RefusalCode, Room, RoomStatus, Scope, Session, SessionStatus
from practio_rooms.domain.agenda import PlannedSession, RoomAgenda
from practio_rooms.domain.room import Actor, holds_office, leads, not_allowed, not_in_this_state
from practio_rooms.domain.sessions import HAS_BEGUN, IS_CALLED_OFF, SESSION_UNKNOWN, with_following

CHECK_IN_OPENS = timedelta(minutes=30)
"""How long before its start a session can be checked in to."""

RECORDED_UNTIL = timedelta(days=30)
"""How long after a session attendance may be recorded."""

_NOT_THE_PERSON = not_allowed("only the person can state this: ask them to do it")
_NOT_IN_IT = not_allowed("only people in the room and its offices can do this")
_FOR_OFFICES = not_allowed("only the host, the facilitators and the stewards can record attendance: ask one of them")
_FOR_PLANNERS = not_allowed("only the host and the facilitators can plan sessions: ask one of them")
_IS_OVER = Refusal(code=RefusalCode.SESSION_OVER, detail="the session is over")
_IS_LONG_OVER = Refusal(
    code=RefusalCode.SESSION_OVER, detail=f"attendance is recorded until {RECORDED_UNTIL.days} days after a session"
)


def answered_sessions(
    room: Room,
    agenda: RoomAgenda,
    session_id: UUID,
    scope: Scope,
    *,
    person_id: UUID,
    by: Actor,
    is_in_room: bool,
    now: datetime,
) -> list[PlannedSession] | Refusal:
    """Return the sessions that a person's answer is for, the named one first; or why they cannot answer."""
    if by not in (person_id, SYSTEM):
        return _NOT_THE_PERSON
    if not is_in_room and person_id not in room.office_ids:
        return _NOT_IN_IT
    if room.status not in LIVE_ROOM:
        return not_in_this_state(room, action="answered for")
    named = _planned(agenda, session_id)
    if isinstance(named, Refusal):
        return named
    if named.session.starts_at <= now:
        return HAS_BEGUN
    if scope is Scope.THIS or named.ruled_at is None:
        return [named]
    return [named, *(each for each in with_following(named, agenda, now) if each is not named)]


def planned_session(room: Room, agenda: RoomAgenda, session_id: UUID, by: Actor, *, now: datetime) -> Session | Refusal:
    """Return the session that an actor may plan, until it is over; or why they may not."""
    if not leads(room, by):
        return _FOR_PLANNERS
    if room.status not in LIVE_ROOM:
        return not_in_this_state(room, action="planned for")
    named = _planned(agenda, session_id)
    if isinstance(named, Refusal):
        return named
    return _IS_OVER if named.session.ends_at <= now else named.session


def recorded_session(
    room: Room, agenda: RoomAgenda, session_id: UUID, by: Actor, *, now: datetime
) -> Session | Refusal:
    """Return the session whose attendance an actor may record, from its start until 30 days after; or why not."""
    if not holds_office(room, by):
        return _FOR_OFFICES
    named = _begun(room, agenda, session_id, opens=timedelta(), now=now)
    if isinstance(named, Refusal):
        return named
    return _IS_LONG_OVER if named.ends_at + RECORDED_UNTIL < now else named


def checked_in_session(
    room: Room, agenda: RoomAgenda, session_id: UUID, *, person_id: UUID, by: Actor, is_in_room: bool, now: datetime
) -> Session | Refusal:
    """Return the session that a person may check in to, from 30 minutes before its start until its end; or why not."""
    if by not in (person_id, SYSTEM):
        return _NOT_THE_PERSON
    if not is_in_room:
        return not_allowed("only people in the room can check in: the host can record that others came")
    named = _begun(room, agenda, session_id, opens=CHECK_IN_OPENS, now=now)
    if isinstance(named, Refusal):
        return named
    return _IS_OVER if named.ends_at <= now else named


def strangers(named: Mapping[str, UUID], known: Collection[UUID]) -> Refusal | None:
    """Return the refusal for people who are neither in the room nor in its offices, or None.

    ``named`` has them by the path of the field that names each. The refusal is published, so it has paths alone: who
    was present is private.
    """
    errors = tuple(
        FieldError(field=field, message="this person is not in the room")
        for field, person_id in named.items()
        if person_id not in known
    )
    if not errors:
        return None
    detail = "only people in the room and its offices can be named: take the others out"
    return Refusal(code=RefusalCode.PERSON_UNKNOWN, detail=detail, errors=errors)


def by_index(field: str, people: Iterable[UUID]) -> dict[str, UUID]:
    """Return people by the path of each in a list: ``present.3``."""
    return {f"{field}.{index}": person_id for index, person_id in enumerate(people)}


def _begun(room: Room, agenda: RoomAgenda, session_id: UUID, *, opens: timedelta, now: datetime) -> Session | Refusal:
    if room.status is RoomStatus.DRAFT:
        return not_in_this_state(room, action="attended")
    named = _planned(agenda, session_id)
    if isinstance(named, Refusal):
        return named
    opens_at = named.session.starts_at - opens
    if now < opens_at:
        detail = "it is too early: try again when the session begins"
        return Refusal(code=RefusalCode.NOT_YET, detail=detail, next_step=NextStep.RETRY_AFTER, retry_after=opens_at)
    return named.session


def _planned(agenda: RoomAgenda, session_id: UUID) -> PlannedSession | Refusal:
    named = agenda.sessions.get(session_id)
    if named is None:
        return SESSION_UNKNOWN
    return IS_CALLED_OFF if named.session.status is SessionStatus.CANCELLED else named
