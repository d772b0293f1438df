"""A room's agenda in memory, and commands about its sessions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.unit.rooms.builders import HOST, NOW, a_room

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    CancelSession,
    RescheduleSession,
    ReviseSession,
    Room,
    RoomEvent,
    RoomStatus,
    ScheduleSession,
    Session,
)
from practio_rooms.domain import agenda, series, sessions
from practio_rooms.domain.agenda import AgendaChanges, RoomAgenda
from practio_rooms.domain.recurrence import wall_clock
from practio_rooms.domain.room import Actor

ROME = "Europe/Rome"


def local(days: float, *, hour: int = 18) -> str:
    """Return a wall-clock time in Rome so many days from now."""
    there = wall_clock(NOW, ROME) + timedelta(days=days)
    return there.replace(hour=hour, minute=0, second=0).isoformat()


def a_session(**fields: Any) -> ScheduleSession:
    """Return the command for a session of an hour and a half, a week from now."""
    stated = {"room_id": uuid4(), "session_id": uuid4(), "starts_at": local(7), "duration_minutes": 90}
    return ScheduleSession.model_validate(stated | fields)


def a_series(rrule: str = "FREQ=WEEKLY", except_dates: tuple[str, ...] = (), **fields: Any) -> ScheduleSession:
    """Return the command for a series, the first date a week from now."""
    return a_session(recurrence={"rrule": rrule, "except_dates": list(except_dates)}, **fields)


@dataclass
class SessionHistory:
    """A room with its agenda, as commands and time change them; the clock stands still until it is moved."""

    room: Room = field(default_factory=a_room)
    agenda: RoomAgenda = field(default_factory=RoomAgenda)
    now: datetime = NOW
    events: list[RoomEvent] = field(default_factory=list)

    @classmethod
    def of(cls, status: RoomStatus = RoomStatus.PUBLISHED, **fields: Any) -> "SessionHistory":
        """Return an empty history of a room."""
        return cls(a_room(status, **fields))

    def schedule(self, command: ScheduleSession, by: Actor = HOST) -> AgendaChanges | Refusal:
        """Schedule sessions of the room."""
        meant = command.model_copy(update={"room_id": self.room.room_id})
        return self._apply(sessions.schedule_session(self.room, self.agenda, meant, by, now=self.now))

    def reschedule(self, session_id: UUID, starts_at: str, by: Actor = HOST, **fields: Any) -> AgendaChanges | Refusal:
        """Reschedule a session."""
        stated = {"room_id": self.room.room_id, "session_id": session_id, "starts_at": starts_at}
        command = RescheduleSession.model_validate(stated | fields)
        return self._apply(sessions.reschedule_session(self.room, self.agenda, command, by, now=self.now))

    def revise(self, session_id: UUID, by: Actor = HOST, **fields: Any) -> AgendaChanges | Refusal:
        """Revise what a session states."""
        stated = {"room_id": self.room.room_id, "session_id": session_id}
        command = ReviseSession.model_validate(stated | fields)
        return self._apply(sessions.revise_session(self.room, self.agenda, command, by, now=self.now))

    def cancel(self, session_id: UUID, by: Actor = HOST, **fields: Any) -> AgendaChanges | Refusal:
        """Cancel a session."""
        stated = {"room_id": self.room.room_id, "session_id": session_id}
        command = CancelSession.model_validate(stated | fields)
        return self._apply(sessions.cancel_session(self.room, self.agenda, command, by, now=self.now))

    def top_up(self, series_id: UUID) -> AgendaChanges | Refusal:
        """Top up a series."""
        return self._apply(series.top_up(self.room, self.agenda, series_id, now=self.now))

    def end(self, reason: str | None = None) -> AgendaChanges | Refusal:
        """Call off all upcoming sessions, as when the room ends."""
        return self._apply(agenda.end_agenda(self.agenda, reason, now=self.now))

    def announce(self) -> AgendaChanges | Refusal:
        """Publish the room and its sessions."""
        self.room = self.room.model_copy(update={"status": RoomStatus.PUBLISHED, "version": self.room.version + 1})
        return self._apply(agenda.announce_sessions(self.agenda, self.now))

    def pass_time(self, **span: float) -> None:
        """Let time go by without any message."""
        self.now += timedelta(**span)

    def pass_session(self) -> AgendaChanges | Refusal:
        """Publish which session is the next one by now."""
        return self._apply(AgendaChanges())

    def upcoming(self) -> list[Session]:
        """Return the sessions that will take place, in order."""
        return [each.session for each in self.agenda.upcoming(self.now)]

    def session(self, session_id: UUID) -> Session:
        """Return the current session."""
        return self.agenda.sessions[session_id].session

    def _apply(self, decision: AgendaChanges | Refusal) -> AgendaChanges | Refusal:
        if isinstance(decision, AgendaChanges):
            self.agenda = self.agenda.apply(decision)
            for event in agenda.events_of(self.room, decision, self.agenda.next_at(self.now)):
                self.events.append(event)
                self.room = event.room
        return decision


def changed_sessions(decision: AgendaChanges | Refusal) -> list[Session]:
    """Return the changed sessions as they are afterwards; fail on a refusal."""
    assert isinstance(decision, AgendaChanges), decision
    return [each.after.session for each in decision.sessions]


def code(decision: AgendaChanges | Refusal) -> str | None:
    """Return the code of a refusal, or None."""
    return decision.code if isinstance(decision, Refusal) else None
