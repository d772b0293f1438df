"""A room's agenda: its sessions and series, the changes in them, and the events about these."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from practio_contracts.rooms import (
    Room,
    RoomEvent,
    RoomStatus,
    Session,
    SessionCancelled,
    SessionRescheduled,
    SessionRevised,
    SessionScheduled,
    SessionStatus,
)
from practio_rooms.domain.recurrence import Rule
from practio_rooms.domain.room import revised


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """A session as its events state it, and what they omit.

    ``ruled_at`` is the wall-clock time that the rule of its series gave it; ``has_own_time``: it was moved on its own
    since. ``fingerprint`` is that of the command that named it, empty for the further dates of a series.
    """

    session: Session
    fingerprint: str = ""
    ruled_at: datetime | None = None
    has_own_time: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """The properties that the dates of a series share; wall-clock times are of ``time_zone``.

    Dates that ``rule`` gives up to ``planned_until`` are sessions already; later ones will be held ``shift`` after
    the time of the rule. ``has_ended``: the series gives no more sessions.
    """

    series_id: UUID
    room_id: UUID
    rule: Rule
    time_zone: str
    duration: timedelta
    planned_until: datetime
    topic: str | None = None
    place: str | None = None
    meeting_url: str | None = None
    shift: timedelta = timedelta()
    has_ended: bool = False


@dataclass(frozen=True, slots=True)
class SessionChange:
    """The change of one session; ``before`` is None if it is new, ``reason`` is why it was called off.

    ``ends_series``: it was called off with all later dates of its series.
    """

    before: PlannedSession | None
    after: PlannedSession
    reason: str | None = None
    ends_series: bool = False


@dataclass(frozen=True, slots=True)
class AgendaChanges:
    """The result of a command: changed sessions in the order of their dates, and changed series; both may be empty."""

    sessions: tuple[SessionChange, ...] = ()
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomAgenda:
    """A room's upcoming sessions, the sessions that a command names, and the series that go on.

    ``elsewhere`` are ids that commands name and that sessions of other rooms have.
    """

    sessions: Mapping[UUID, PlannedSession] = field(default_factory=dict)
    series: Mapping[UUID, Series] = field(default_factory=dict)
    elsewhere: frozenset[UUID] = frozenset()

    def upcoming(self, now: datetime) -> list[PlannedSession]:
        """Return the sessions that will take place, the next one first."""
        upcoming = [each for each in self.sessions.values() if is_upcoming(each.session, now)]
        return sorted(upcoming, key=lambda each: (each.session.starts_at, each.session.session_id))

    def next_at(self, now: datetime) -> datetime | None:
        """Return the start of the next session (UTC)."""
        upcoming = self.upcoming(now)
        return upcoming[0].session.starts_at if upcoming else None

    def apply(self, changes: AgendaChanges) -> "RoomAgenda":
        """Return the agenda after changes."""
        changed_sessions = {each.after.session.session_id: each.after for each in changes.sessions}
        return replace(
            self,
            sessions={**self.sessions, **changed_sessions},
            series={**self.series, **{each.series_id: each for each in changes.series}},
        )


def is_upcoming(session: Session, now: datetime) -> bool:
    """Return whether a session will take place and has not begun."""
    return session.status is SessionStatus.SCHEDULED and session.starts_at > now


def cancel(planned: PlannedSession, reason: str | None, *, ends_series: bool = False) -> SessionChange:
    """Call off a session."""
    session = planned.session
    after = session.model_copy(update={"status": SessionStatus.CANCELLED, "revision": session.revision + 1})
    return SessionChange(planned, replace(planned, session=after), reason, ends_series)


def events_of(room: Room, changes: AgendaChanges, next_at: datetime | None) -> Iterator[RoomEvent]:
    """Yield one event per changed session, each with the next version of the room's snapshot.

    Sessions of a draft have no events until the room is published. If no session has an event but the room's next
    session has changed, ``room-revised`` states it.
    """
    after = room.model_copy(update={"next_session_at": next_at})
    if changes.sessions and room.status is not RoomStatus.DRAFT:
        for version, change in enumerate(changes.sessions, start=room.version + 1):
            yield _event(change, after.model_copy(update={"version": version}))
    elif event := revised(room, after):
        yield event


def _event(change: SessionChange, room: Room) -> RoomEvent:
    session = change.after.session
    if session.status is SessionStatus.CANCELLED:
        return SessionCancelled(room=room, session=session, reason=change.reason, ends_series=change.ends_series)
    if change.before is None:
        return SessionScheduled(room=room, session=session)
    before = change.before.session
    if (session.starts_at, session.ends_at, session.time_zone) != (before.starts_at, before.ends_at, before.time_zone):
        return SessionRescheduled(room=room, session=session, former_starts_at=before.starts_at)
    return SessionRevised(room=room, session=session, changed_fields=changed_statements(before, session))


def ended_answers(changes: AgendaChanges) -> Iterator[tuple[UUID, UUID]]:
    """Yield room and session of those that were moved or called off: what people answered is for another time."""
    for change in changes.sessions:
        after = change.after.session
        if change.before and (after.status is SessionStatus.CANCELLED or _is_moved(change.before.session, after)):
            yield after.room_id, after.session_id


def _is_moved(before: Session, after: Session) -> bool:
    return (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at)


STATEMENTS = ("topic", "place", "meeting_url")
"""The fields of a session that a revision may change."""


def changed_statements(before: Session | Series, after: Session | Series) -> list[str]:
    """Return the names of the statements that differ."""
    return [name for name in STATEMENTS if getattr(before, name) != getattr(after, name)]


def announce_sessions(agenda: RoomAgenda, now: datetime) -> AgendaChanges:
    """Return the upcoming sessions of a draft as new ones, now that the room is published."""
    return AgendaChanges(tuple(SessionChange(None, each) for each in agenda.upcoming(now)))


def end_agenda(agenda: RoomAgenda, reason: str | None, *, now: datetime) -> AgendaChanges:
    """Call off all upcoming sessions of a room that ends, and end its series."""
    return AgendaChanges(
        tuple(cancel(each, reason, ends_series=each.ruled_at is not None) for each in agenda.upcoming(now)),
        tuple(replace(each, has_ended=True) for each in agenda.series.values()),
    )
