"""What stands beside a person's own way on its page: their office, a hand-over to them, the host's name, sessions."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from practio_contracts.links import Link, Purpose
from practio_contracts.message import Command
from practio_contracts.notifications import NamePeople, Names
from practio_contracts.rooms import AcceptHandOver, DeclineHandOver, Room, RoomResult, SessionStatus
from practio_pages.gateway import AwayError
from practio_pages.site import Site

WISHES: Mapping[str, type[Command]] = {command.routing_key: command for command in (AcceptHandOver, DeclineHandOver)}
"""What a person who was asked to become the host may answer."""

_NAMES_WITHIN_SECONDS = 1.5  # a name is kind, not needed: the page does not wait for it as for what it tells


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session to come; ``place`` and ``url`` are its own or the room's, None for who is not told of them."""

    starts_at: datetime
    minutes: int
    topic: str | None
    place: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Beside:
    """``forms`` answer a hand-over, by wish; ``queue`` is where the person decides, if they do."""

    host_name: str | None
    office: str | None
    forms: Mapping[str, str]
    meetings: Sequence[Meeting]
    queue: str | None
    preferences: str


async def beside(site: Site, link: Link, told: RoomResult) -> Beside:
    """Gather what stands beside the way of ``link``'s person in the room that was ``told`` of."""
    person, room = link.person_id, told.room
    office = office_of(room, person)
    is_asked = told.proposed_host_id == person
    write = site.forms.written
    return Beside(
        host_name=await _host_name(site, room, actor=person),
        office=office,
        forms={command: write(command, person_id=person, room_id=room.room_id) for command in WISHES if is_asked},
        meetings=meetings(told),
        queue=site.links.url(replace(link, purpose=Purpose.QUEUE)) if office else None,
        preferences=site.links.url(replace(link, purpose=Purpose.PREFERENCES)),
    )


def office_of(room: Room, person_id: UUID) -> str | None:
    """Give the office that a person holds in a room: host, facilitator or steward."""
    if person_id == room.host_id:
        return "host"
    if person_id in room.facilitator_ids:
        return "facilitator"
    return "steward" if person_id in room.steward_ids else None


def meetings(told: RoomResult) -> Sequence[Meeting]:
    """Give the sessions that take place, in their order."""
    return [
        Meeting(
            starts_at=each.starts_at,
            minutes=(each.ends_at - each.starts_at) // timedelta(minutes=1),
            topic=each.topic,
            place=each.place or told.room.place,
            url=each.meeting_url or told.room.meeting_url,
        )
        for each in told.sessions
        if each.status is SessionStatus.SCHEDULED
    ]


async def _host_name(site: Site, room: Room, *, actor: UUID) -> str | None:
    """Give what the host is called; None to the host, and where nobody tells it in time."""
    if room.host_id == actor:
        return None
    question = NamePeople(room_id=room.room_id, person_ids=[room.host_id])
    try:
        async with asyncio.timeout(_NAMES_WITHIN_SECONDS):
            told = await site.desk.ask(question, Names, actor=actor)
    except (AwayError, TimeoutError):
        return None
    names = told.people if isinstance(told, Names) else []
    return next((each.display_name for each in names if each.person_id == room.host_id), None)
