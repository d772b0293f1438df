"""The sessions that a note can be about: those that have begun, and the next ones."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.rooms import ListSessions, Session, SessionsFound
from practio_pages.pages.past_sessions import held_sessions
from practio_pages.pages.room_notes import RoomNotes
from practio_pages.site import Site

_SO_FAR, _TO_COME = 50, 20
"""The most sessions that are offered."""


@dataclass(frozen=True, slots=True)
class NoteSessions:
    """The sessions of a room that took or take place, ``so_far`` newest first, ``to_come`` soonest first."""

    so_far: Sequence[Session] = ()
    to_come: Sequence[Session] = ()

    @property
    def by_id(self) -> dict[UUID, Session]:
        """Return the sessions by their ids."""
        return {each.session_id: each for each in (*self.so_far, *self.to_come)}


async def note_sessions(site: Site, room_notes: RoomNotes) -> NoteSessions:
    """Return the latest and the next sessions of a room; none to a person who may not see them."""
    coming, held = await asyncio.gather(
        _coming(site, room_notes),
        held_sessions(site, room_notes.link, room_notes.room.room_id, most=_SO_FAR, first=_SO_FAR),
    )
    now = datetime.now(UTC)
    begun = [each for each in coming if each.starts_at <= now]
    return NoteSessions([*reversed(begun), *held], [each for each in coming if each.starts_at > now])


async def sessions_named(site: Site, room_notes: RoomNotes, session_ids: Iterable[UUID | None]) -> dict[UUID, Session]:
    """Return the sessions with these ids, as far as they are among those offered; without an id, nothing is asked."""
    if not any(session_ids):
        return {}
    return (await note_sessions(site, room_notes)).by_id


async def _coming(site: Site, room_notes: RoomNotes) -> Sequence[Session]:
    query = ListSessions(room_id=room_notes.room.room_id, limit=_TO_COME)
    found = await site.gateway.ask(query, SessionsFound, actor=room_notes.link.person_id)
    return [] if isinstance(found, Refusal) else found.sessions
