"""The sessions of a room as its desk lists them, and those that a change concerns."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from pydantic import ValidationError
from starlette.exceptions import HTTPException

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import (
    GetSession,
    ListSessions,
    Room,
    Session,
    SessionPeriod,
    SessionResult,
    SessionsFound,
    SessionStatus,
)
from practio_pages.gateway import UnavailableError
from practio_pages.pages.sidebar import ListedSession
from practio_pages.site import Site

_A_PAGE = 20
_MOST_PAGES = 5


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A session in the list; ``can_change``: it has not begun and was not called off. ``path`` leads to its page."""

    session: Session
    listed_session: ListedSession
    can_change: bool
    path: str

    @property
    def is_cancelled(self) -> bool:
        """Return whether the session was called off."""
        return self.session.status is SessionStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class SessionList:
    """A page of a room's sessions, those to come or those that are over or called off; ``after`` continues it."""

    entries: Sequence[SessionEntry]
    period: SessionPeriod
    is_first: bool
    after: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """A session that can be changed, and those that follow it in its series.

    ``moved_alone`` are those of them that were moved on their own; None: it is not known which.
    ``asked`` is how many people other than the reader are asked whether they come, ``answered`` how many have said so
    for this date; None if that is not known.
    """

    session: Session
    following: Sequence[Session]
    moved_alone: Collection[UUID] | None = None
    asked: int | None = None
    answered: int | None = None

    @property
    def moving(self) -> Sequence[Session]:
        """Return those that follow and move with the session."""
        return [each for each in self.following if each.session_id not in (self.moved_alone or ())]


async def session_list(site: Site, link: Link, room: Room, parameters: Mapping[str, str]) -> SessionList:
    """Return the requested page of sessions; raise HTTPException if there is none, UnavailableError."""
    period = SessionPeriod.PAST if "past" in parameters else SessionPeriod.COMING
    fields = {"room_id": room.room_id, "when": period, "limit": _A_PAGE, "after": parameters.get("after") or None}
    try:
        query = ListSessions.model_validate(fields)
    except ValidationError as error:
        raise HTTPException(404) from error
    found = await site.gateway.ask(query, SessionsFound, actor=link.person_id)
    if isinstance(found, Refusal):
        if query.after:
            raise HTTPException(404)
        raise UnavailableError(found.code)
    entries = [_entry(site, link, each, room) for each in found.sessions]
    return SessionList(entries, period, query.after is None, found.after)


async def target_of(site: Site, link: Link, room_id: UUID, session_id: UUID) -> Target | None:
    """Return the session with this id and those that follow it; None if it cannot be changed any more.

    Rooms knows which follow by the rule of a series. An earlier release of it does not say so: then all that begin
    later in the series do.

    Raise UnavailableError.
    """
    query = GetSession(room_id=room_id, session_id=session_id)
    coming, shown = await asyncio.gather(
        _coming(site, link, room_id), site.gateway.ask(query, SessionResult, actor=link.person_id)
    )
    sessions = [each for each in coming if _can_change(each)]
    target = next((each for each in sessions if each.session_id == session_id), None)
    if target is None:
        return None
    if isinstance(shown, Refusal):
        return Target(target, _later_in_series(target, sessions))
    asked, answered = _asked(shown, link.person_id), shown.coming.yes + shown.coming.no + shown.coming.maybe
    if shown.following is None or shown.moved_alone is None:
        return Target(target, _later_in_series(target, sessions), asked=asked, answered=answered)
    following = [each for each in sessions if each.session_id in set(shown.following)]
    return Target(target, following, set(shown.moved_alone), asked, answered)


def _later_in_series(target: Session, sessions: Sequence[Session]) -> Sequence[Session]:
    in_series = [each for each in sessions if target.series_id and each.series_id == target.series_id]
    return [each for each in in_series if each.starts_at > target.starts_at]


def _asked(shown: SessionResult, reader_id: UUID) -> int | None:
    """Return how many people in the room and its offices there are besides the reader; None if that is not known."""
    if shown.people is None:
        return None
    return len([each for each in shown.people if each.person_id != reader_id]) + shown.people_left_out


async def coming_count(site: Site, link: Link, room_id: UUID) -> int:
    """Return how many sessions of a room are to come; raise UnavailableError."""
    return len(await _coming(site, link, room_id))


async def _coming(site: Site, link: Link, room_id: UUID) -> list[Session]:
    sessions: list[Session] = []
    after = None
    for _ in range(_MOST_PAGES):
        query = ListSessions(room_id=room_id, limit=100, after=after)
        found = await site.gateway.ask(query, SessionsFound, actor=link.person_id)
        if isinstance(found, Refusal):
            raise UnavailableError(found.code)
        sessions += found.sessions
        after = found.after
        if after is None:
            break
    return sessions


def _entry(site: Site, link: Link, session: Session, room: Room) -> SessionEntry:
    path = site.path_from(link, Purpose.SESSION, session_id=session.session_id)
    return SessionEntry(session, ListedSession.of(session, room), _can_change(session), path)


def _can_change(session: Session) -> bool:
    return session.status is SessionStatus.SCHEDULED and session.starts_at > datetime.now(UTC)
