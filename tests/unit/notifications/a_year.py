"""A year of a room that meets every week, with a simulated clock: which letters leave to whom, about which session.

Every letter goes through the rules by which it is written, found true, and held or let go. ``python -m
tests.unit.notifications.a_year`` prints them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from tests.unit.notifications.builders import FACILITATOR, HOST, MEMBER, STEWARD, a_contact, a_room, a_session

from practio_contracts.envelope import SYSTEM
from practio_contracts.notifications import Preferences
from practio_contracts.rooms import (
    Announced,
    Coming,
    Session,
    SessionAtRisk,
    SessionCancelled,
    SessionOver,
    SessionRescheduled,
    SessionRevised,
    SessionScheduled,
    SessionStatus,
)
from practio_notifications.letters.added_dates import announced_at, is_added
from practio_notifications.letters.compose import letters_from
from practio_notifications.letters.dates import AnnouncedSession, missing_dates, sessions_of
from practio_notifications.letters.digests import Gather, Unwanted, Wait, disposition
from practio_notifications.letters.kinds import KIND, REMINDED_BEFORE, SESSION_REMINDER, SESSION_SCHEDULED, LetterKind
from practio_notifications.letters.recipients import Audience, Cause, people_in_the_room
from practio_notifications.letters.relevance import Situation, skip_reason

BEGINS = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WEEKS, AHEAD = 52, 12
NEVER, WITHOUT, WAITING = (UUID(int=number) for number in (6, 7, 8))
PEOPLE = {
    HOST: "host",
    FACILITATOR: "facilitator",
    STEWARD: "steward",
    MEMBER: "member",
    NEVER: "member who never comes",
    WITHOUT: "member without reminders",
    WAITING: "on the waitlist",
}
ROOM = a_room()
_SERIES = UUID(int=1_000)
_ROME = ZoneInfo("Europe/Rome")
_IDS = UUID(int=77)


@dataclass
class Year:
    """What happened: ``letters`` by person, kind and session (None: several, or none)."""

    letters: Counter[tuple[UUID, str, UUID | None]] = field(default_factory=Counter)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    causes: dict[UUID, UUID] = field(default_factory=dict)
    added: set[UUID] = field(default_factory=set)
    entered: set[tuple[UUID, UUID]] = field(default_factory=set)
    now: datetime = BEGINS
    _due: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        """Let something happen at its time."""
        heappush(self._due, (when, next(self._numbers), what))

    def run(self) -> None:
        """Let everything happen in the order of time."""
        while self._due:
            self.now, _, what = heappop(self._due)
            what()

    def plan(self, sessions: Sequence[Session], by: str) -> None:
        """Have dates scheduled by one command, or one date added by the system."""
        cause = self._id()
        for session in sessions:
            event = SessionScheduled(room=ROOM, session=session)
            self.sessions[session.session_id], self.causes[session.session_id] = session, cause
            if is_added(event, by):
                self.added.add(session.session_id)
                self.at(announced_at(session), lambda session=session: self._announce(session))  # type: ignore[misc]
            self._live(session)
        if not is_added(SessionScheduled(room=ROOM, session=sessions[0]), by):
            self._publish(SessionScheduled(room=ROOM, session=sessions[0]), cause, by)

    def change(self, kind: type[Any], session_id: UUID, **changed: Any) -> None:
        """Have the host move, revise or call off a date."""
        before = self.sessions[session_id]
        after = before.model_copy(update={"revision": before.revision + 1, **changed})
        self.sessions[session_id], self.causes[session_id] = after, self._id()
        more: dict[type[Any], dict[str, Any]] = {
            SessionRescheduled: {"former_starts_at": before.starts_at},
            SessionRevised: {"changed_fields": ["topic"]},
        }
        event = kind.model_validate({"room": ROOM, "session": after, **more.get(kind, {})})
        self._publish(event, self.causes[session_id], str(HOST))
        self._live(after)

    def publish(self, event: Cause, by: str = SYSTEM) -> None:
        """Have an event cause its letters."""
        self._publish(event, self._id(), by)

    def _live(self, session: Session) -> None:
        """Let the times of a date come, those of its present version alone."""

        def only_now(what: Callable[[], None]) -> Callable[[], None]:
            return lambda: what() if self.sessions[session.session_id] == session else None

        if session.status is SessionStatus.SCHEDULED:
            self.at(session.starts_at - REMINDED_BEFORE, only_now(lambda: self._remind(session)))
            risk = {"room_id": ROOM.room_id, "session_id": session.session_id, "starts_at": session.starts_at}
            at_risk = SessionAtRisk.model_validate(risk | {"coming": {}, "people_needed": 1})
            self.at(session.starts_at - timedelta(hours=48), only_now(lambda: self.publish(at_risk)))
            over = SessionOver(room_id=ROOM.room_id, session_id=session.session_id, ended_at=session.ends_at)
            self.at(session.ends_at, only_now(lambda: self.publish(over)))

    def _remind(self, session: Session) -> None:
        event, cause = SessionScheduled(room=ROOM, session=session), self._id()
        for person_id in people_in_the_room(self._audience()):
            if self._preferences(person_id).reminders:
                self._leave(SESSION_REMINDER, event, cause, person_id)

    def _announce(self, session: Session) -> None:
        event, cause = SessionScheduled(room=ROOM, session=self.sessions[session.session_id]), self._id()
        for person_id in people_in_the_room(self._audience()):
            if (person_id, session.session_id) not in self.entered:
                self._leave(SESSION_SCHEDULED, event, cause, person_id)

    def _publish(self, event: Cause, cause: UUID, by: str) -> None:
        for letter in letters_from(cause, event, self._audience(), by=by):
            self._leave(letter.kind, event, cause, letter.person_id)

    def _leave(self, kind: LetterKind, event: Cause, cause: UUID, person_id: UUID) -> None:
        situation = self._situation(event, person_id)
        if skip_reason(kind, event, cause, person_id, situation, self.now) is not None:
            return
        match disposition(kind.category, ROOM.room_id, self._preferences(person_id), _ROME, self.now):
            case Unwanted():
                return
            case Wait(until=until):
                self.at(until, lambda: self._leave(kind, event, cause, person_id))
                return
            case Gather():
                pass  # with the digest of that day, which is one letter for all of them
        brought = self._brought(kind, event, cause, situation)
        if kind.calendar is not None:
            self.entered.update((person_id, each.session_id) for each in brought)
        about = _session_of(event) if kind is not SESSION_SCHEDULED else None
        self.letters[person_id, kind.name, about] += 1

    def _brought(self, kind: LetterKind, event: Cause, cause: UUID, situation: Situation) -> Sequence[Session]:
        if kind is SESSION_REMINDER:
            return missing_dates(situation.sessions, self.now)
        return sessions_of(event, cause, situation.sessions, in_room=True, now=self.now)

    def _situation(self, event: Cause, person_id: UUID) -> Situation:
        sessions = tuple(
            AnnouncedSession(each, self.causes[key], key in self.added, (person_id, key) in self.entered)
            for key, each in self.sessions.items()
            if each.ends_at > self.now
        )
        reader = a_contact(time_zone="Europe/Rome")
        return Situation(
            reader=reader,
            member=reader,
            host=reader,
            room=ROOM,
            member_state=None,
            occupancy=None,
            seated=person_id in self._audience().seated,
            waiting=person_id == WAITING,
            sessions=sessions,
            answer=Coming.NO if person_id == NEVER and _session_of(event) else None,
        )

    def _preferences(self, person_id: UUID) -> Preferences:
        return Preferences(person_id=person_id, reminders=person_id != WITHOUT)

    def _audience(self) -> Audience:
        return Audience(ROOM, frozenset({MEMBER, NEVER, WITHOUT}), frozenset({WAITING}))

    def _id(self) -> UUID:
        return uuid5(_IDS, str(next(self._numbers)))


def _session_of(event: Cause) -> UUID | None:
    if isinstance(event, SessionAtRisk | SessionOver):
        return event.session_id
    session = getattr(event, "session", None)
    return session.session_id if isinstance(session, Session) else None


def a_year() -> Year:
    """Return a year in which every session is at risk, one is moved, revised and called off each, and hosts write."""
    year = Year()
    first = datetime(2026, 1, 12, 18, 0, tzinfo=_ROME)
    dates = [
        a_session(
            room_id=ROOM.room_id,
            session_id=_SERIES if week == 0 else UUID(int=1_000 + week),
            series_id=_SERIES,
            starts_at=first + timedelta(weeks=week),
        )
        for week in range(WEEKS)
    ]
    year.at(BEGINS, lambda: year.plan(dates[:AHEAD], str(HOST)))
    for date in dates[AHEAD:]:
        added_at = date.starts_at - timedelta(weeks=AHEAD)
        year.at(added_at, lambda date=date: year.plan([date], SYSTEM))  # type: ignore[misc]
    moved, revised, off = (dates[number].session_id for number in (5, 6, 7))
    new = dates[5].starts_at + timedelta(days=2)
    times = {"starts_at": new, "ends_at": new + timedelta(minutes=90)}
    year.at(dates[5].starts_at - timedelta(days=5), lambda: year.change(SessionRescheduled, moved, **times))
    year.at(dates[6].starts_at - timedelta(days=5), lambda: year.change(SessionRevised, revised, topic="Another case"))
    gone = {"status": SessionStatus.CANCELLED}
    year.at(dates[7].starts_at - timedelta(days=5), lambda: year.change(SessionCancelled, off, **gone))
    for week in range(0, WEEKS, 4):
        word = {"room_id": ROOM.room_id, "announcement_id": UUID(int=week), "to": "everybody", "by": str(HOST)}
        notice = Announced.model_validate(word | {"text": "Bring a chair."})
        year.at(dates[week].starts_at - timedelta(days=3), lambda notice=notice: year.publish(notice, str(HOST)))  # type: ignore[misc]
    year.run()
    return year


def table(year: Year) -> str:
    """Return the letters of a year, by person and kind, as a table."""
    kinds = [kind for kind in KIND if any(name == kind for _, name, _ in year.letters)]
    rows = [["", *kinds, "all", "most a session"]]
    for person_id, name in PEOPLE.items():
        numbers = [letters_of(year, person_id, kind) for kind in kinds]
        rows.append([name, *map(str, numbers), str(sum(numbers)), str(most_a_session(year, person_id))])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def letters_of(year: Year, person_id: UUID, kind: str) -> int:
    """Return how many letters of a kind a person got."""
    return sum(number for (who, what, _), number in year.letters.items() if (who, what) == (person_id, kind))


BY_THEMSELVES = ("session-at-risk", "session-reminder", "session-over", "session-to-record")
"""The letters about a session that nobody causes: it comes, it may not run, it is over."""


def most_a_session(year: Year, person_id: UUID) -> int:
    """Return the most letters about one session that a person got though nobody did anything."""
    about: Counter[UUID] = Counter()
    for (who, kind, session_id), number in year.letters.items():
        if who == person_id and session_id is not None and kind in BY_THEMSELVES:
            about[session_id] += number
    return max(about.values(), default=0)


if __name__ == "__main__":
    print(table(a_year()))
