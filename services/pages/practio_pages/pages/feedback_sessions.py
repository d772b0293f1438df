"""The sessions of a room on which a person gives feedback: the latest ones, and the one that a link names."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import RoomResult, Session
from practio_pages.gateway import UnavailableError
from practio_pages.pages.feedback_form import why_closed
from practio_pages.pages.past_sessions import A_PAGE, MOST_PAGES, held_sessions, past_page
from practio_pages.site import Site

LATEST = 5
"""How many sessions are offered for feedback."""

_AMONG = 20  # the sessions that are read at first, of which some were called off
_WITHIN_SECONDS = 1.5  # feedback is optional: a page does not wait for its sessions as long as for the rest


@dataclass(frozen=True, slots=True)
class FeedbackSession:
    """A session in the list, and the ``path`` of its form."""

    starts_at: datetime
    topic: str | None
    path: str


async def feedback_entries(
    site: Site, link: Link, room_result: RoomResult, *, joined: datetime | None
) -> Sequence[FeedbackSession] | None:
    """Return the latest sessions on which a person who ``joined`` then can give feedback, newest first.

    None for a person who is not in the room, and if no answer arrives in time. Nothing is
    asked before the room's first session, or of a release of rooms that does not tell when its last one was.
    """
    if joined is None:
        return None
    if room_result.last_session_at is None:
        return []
    try:
        async with asyncio.timeout(_WITHIN_SECONDS):
            held = await held_sessions(site, link, room_result.room.room_id, most=LATEST, first=_AMONG)
    except (UnavailableError, TimeoutError):
        return None
    now = datetime.now(UTC)
    sessions = [*reversed(room_result.sessions), *held]
    is_open = [each for each in sessions if why_closed(each, joined=joined, now=now) is None]
    return [_entry(site, link, each) for each in is_open[:LATEST]]


async def session_of(site: Site, link: Link, room_result: RoomResult, session_id: UUID) -> Session | None:
    """Return a session of the room that is over or among the next ones; None if the person sees none with this id.

    Raise UnavailableError.
    """
    found, after = _with_id(room_result.sessions, session_id), None
    for _ in range(MOST_PAGES):
        if found is not None:
            break
        page = await past_page(site, link, room_result.room.room_id, limit=A_PAGE, after=after)
        found, after = _with_id(page.sessions, session_id), page.after
        if after is None:
            break
    return found


def _with_id(sessions: Sequence[Session], session_id: UUID) -> Session | None:
    return next((each for each in sessions if each.session_id == session_id), None)


def _entry(site: Site, link: Link, session: Session) -> FeedbackSession:
    path = site.path_from(link, Purpose.FEEDBACK, room_id=session.room_id, session_id=session.session_id)
    return FeedbackSession(session.starts_at, session.topic, path)
