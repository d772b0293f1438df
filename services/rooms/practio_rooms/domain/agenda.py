"""A room's agenda: its sessions and series as they are, what changes in them, and the events that tell so."""

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
    SessionScheduled,
    SessionStatus,
)
from practio_rooms.domain.recurrence import Rule
from practio_rooms.domain.room import revised


@dataclass(frozen=True, slots=True)
class Planned:
    """A session as its events tell it, and what they do not tell.

    ``ruled_at`` is the wall-clock time that the rule of its series gave it; ``has_own_time``: it was moved by itself
    since. ``asked`` is the fingerprint of the command that named it, empty for the further dates of a series.
    """

    shown: Session
    asked: str = ""
    ruled_at: datetime | None = None
    has_own_time: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """What the dates of a series have in common; wall-clock times are of ``time_zone``.

    Dates that ``rule`` gives up to ``planned_until`` are sessions already; the further ones will be held ``shift``
    later than the rule says. ``has_ended``: there will be none.
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
class Told:
    """What became of one session; ``before`` is None where it is new, ``reason`` why it was called off."""

    before: Planned | None
    after: Planned
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes of a command: sessions told, in the order of their dates, and series changed; empty where nothing is."""

    told: tuple[Told, ...] = ()
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True)
class Agenda:
    """The sessions of a room that are still to come, and those that a command names; and the series that go on.

    ``elsewhere`` are the ids, of those that wishes name, that sessions of other rooms have.
    """

    sessions: Mapping[UUID, Planned] = field(default_factory=dict)
    series: Mapping[UUID, Series] = field(default_factory=dict)
    elsewhere: frozenset[UUID] = frozenset()

    def coming(self, now: datetime) -> list[Planned]:
        """Give the sessions that will take place, the next one first."""
        ahead = [each for each in self.sessions.values() if is_to_come(each.shown, now)]
        return sorted(ahead, key=lambda each: (each.shown.starts_at, each.shown.session_id))

    def next_at(self, now: datetime) -> datetime | None:
        """Give when the next session starts (UTC)."""
        coming = self.coming(now)
        return coming[0].shown.starts_at if coming else None

    def after(self, turn: Turn) -> "Agenda":
        """Give the agenda that a turn leaves behind."""
        told = {each.after.shown.session_id: each.after for each in turn.told}
        return replace(
            self,
            sessions={**self.sessions, **told},
            series={**self.series, **{each.series_id: each for each in turn.series}},
        )


def is_to_come(session: Session, now: datetime) -> bool:
    """Say whether a session will take place and has not begun."""
    return session.status is SessionStatus.SCHEDULED and session.starts_at > now


def cancelled(planned: Planned, reason: str | None) -> Told:
    """Call a session off."""
    shown = planned.shown
    after = shown.model_copy(update={"status": SessionStatus.CANCELLED, "revision": shown.revision + 1})
    return Told(planned, replace(planned, shown=after), reason)


def events_of(room: Room, turn: Turn, next_at: datetime | None) -> Iterator[RoomEvent]:
    """Tell a turn: an event a session, each with the next version of the room's snapshot.

    Of a draft no session is told before it is published. Where no session is told, and yet the room's next session is
    another one, that is told.
    """
    after = room.model_copy(update={"next_session_at": next_at})
    if turn.told and room.status is not RoomStatus.DRAFT:
        for version, told in enumerate(turn.told, start=room.version + 1):
            yield _event(told, after.model_copy(update={"version": version}))
    elif event := revised(room, after):
        yield event


def _event(told: Told, room: Room) -> RoomEvent:
    session = told.after.shown
    if session.status is SessionStatus.CANCELLED:
        return SessionCancelled(room=room, session=session, reason=told.reason)
    if told.before is None:
        return SessionScheduled(room=room, session=session)
    return SessionRescheduled(room=room, session=session, former_starts_at=told.before.shown.starts_at)


def announced(agenda: Agenda, now: datetime) -> Turn:
    """Tell the sessions that were planned in a draft and are still to come, now that the room is published."""
    return Turn(tuple(Told(None, each) for each in agenda.coming(now)))


def ended(agenda: Agenda, reason: str | None, *, now: datetime) -> Turn:
    """Call off all sessions of a room that ends; series that go on no more give no further dates."""
    return Turn(
        tuple(cancelled(each, reason) for each in agenda.coming(now)),
        tuple(replace(each, has_ended=True) for each in agenda.series.values()),
    )
