"""The sidebar of the membership page: the person's office, a hand-over to them, the host's name, sessions, feedback."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from practio_contracts.links import Link, Purpose
from practio_contracts.message import Command
from practio_contracts.notifications import NamePeople, Names
from practio_contracts.rooms import (
    AcceptHandOver,
    DeclineHandOver,
    Room,
    RoomResult,
    RoomStatus,
    Session,
    SessionStatus,
)
from practio_pages.gateway import UnavailableError
from practio_pages.pages.feedback_sessions import FeedbackSession, feedback_entries
from practio_pages.site import Site

HAND_OVER_COMMANDS: Mapping[str, type[Command]] = {
    command.routing_key: command for command in (AcceptHandOver, DeclineHandOver)
}
"""The commands that answer a hand-over."""

_NAMES_WITHIN_SECONDS = 1.5  # a name is optional: the page does not wait for it as long as for the rest


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A scheduled session; ``place`` and ``url`` are its own or the room's, None if the person may not see them.

    ``path`` leads to the session's page; None for a person who is not in the room, and for a draft.
    """

    starts_at: datetime
    minutes: int
    topic: str | None
    place: str | None
    url: str | None
    path: str | None = None

    @classmethod
    def of(cls, session: Session, room: Room, path: str | None = None) -> "ListedSession":
        """Return a session with its own place and link, or else those of its room."""
        return cls(
            starts_at=session.starts_at,
            minutes=(session.ends_at - session.starts_at) // timedelta(minutes=1),
            topic=session.topic,
            place=session.place or room.place,
            url=session.meeting_url or room.meeting_url,
            path=path,
        )


@dataclass(frozen=True, slots=True)
class Sidebar:
    """The content of the sidebar; ``forms`` answer a hand-over.

    ``feedback`` are the latest sessions on which a person in the room can give feedback; None for all others.
    ``memory`` leads to the room's notes, for those who may read them.
    ``desk`` and ``requests_path`` lead office holders to where they run the room, and to its requests.
    """

    host_name: str | None
    office: str | None
    forms: Mapping[str, str]
    sessions: Sequence[ListedSession]
    feedback: Sequence[FeedbackSession] | None
    desk: str | None
    memory: str
    requests_path: str | None
    preferences: str


async def sidebar_of(site: Site, link: Link, room_result: RoomResult, *, joined: datetime | None) -> Sidebar:
    """Return the sidebar for the person of ``link``, who ``joined`` the room of ``room_result`` then, if at all."""
    person, room = link.person_id, room_result.room
    office = office_of(room, person)
    sees_sessions = (office or joined) and room.status is not RoomStatus.DRAFT
    commands = HAND_OVER_COMMANDS if room_result.proposed_host_id == person else ()
    host_name, feedback = await asyncio.gather(
        _host_name(site, room, actor=person), feedback_entries(site, link, room_result, joined=joined)
    )
    return Sidebar(
        host_name=host_name,
        office=office,
        forms={each: site.forms.sign(each, person_id=person, room_id=room.room_id) for each in commands},
        sessions=listed_sessions(room_result, _session_path(site, link) if sees_sessions else None),
        feedback=feedback,
        desk=site.path_from(link, Purpose.DESK) if office else None,
        memory=site.path_from(link, Purpose.MEMORY),
        requests_path=site.path_from(link, Purpose.QUEUE) if office else None,
        preferences=site.path_from(link, Purpose.PREFERENCES),
    )


def office_of(room: Room, person_id: UUID) -> str | None:
    """Return the office that a person holds in a room: host, facilitator or steward."""
    if person_id == room.host_id:
        return "host"
    if person_id in room.facilitator_ids:
        return "facilitator"
    return "steward" if person_id in room.steward_ids else None


def listed_sessions(
    room_result: RoomResult, path_of: Callable[[Session], str] | None = None
) -> Sequence[ListedSession]:
    """Return the scheduled sessions in their order; ``path_of`` returns the path of a session's page."""
    scheduled = (each for each in room_result.sessions if each.status is SessionStatus.SCHEDULED)
    return [ListedSession.of(each, room_result.room, path_of(each) if path_of else None) for each in scheduled]


def _session_path(site: Site, link: Link) -> Callable[[Session], str]:
    return lambda session: site.path_from(link, Purpose.SESSION, session_id=session.session_id)


async def _host_name(site: Site, room: Room, *, actor: UUID) -> str | None:
    """Return the host's name; None for the host, and if no answer arrives in time."""
    if room.host_id == actor:
        return None
    query = NamePeople(room_id=room.room_id, person_ids=[room.host_id])
    try:
        async with asyncio.timeout(_NAMES_WITHIN_SECONDS):
            room_result = await site.gateway.ask(query, Names, actor=actor)
    except (UnavailableError, TimeoutError):
        return None
    names = room_result.people if isinstance(room_result, Names) else []
    return next((each.display_name for each in names if each.person_id == room.host_id), None)
