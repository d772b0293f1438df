"""The rooms and dates that others may pass on: published, not by invitation, as a search without a link shows them."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    AgendaEntry,
    GetRoom,
    Policy,
    Room,
    RoomFound,
    RoomResult,
    RoomsFound,
    RoomStatus,
    SearchOrder,
    SearchRooms,
    Session,
    SessionStatus,
)
from practio_pages.gateway import UnavailableError
from practio_pages.site import NOBODY, Site

MOST_ROOMS = 50
"""How many rooms a feed has: the newest."""

MOST_ROOMS_WITH_DATES = 30
"""How many rooms the calendar has: those that meet soonest, each with its next sessions."""

_PASSED_ON = [each for each in Policy if each is not Policy.INVITATION]
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PublicDate:
    """A session of a public room."""

    room: Room
    session: Session

    @property
    def entry(self) -> AgendaEntry:
        """Return the entry of a calendar, without place and link."""
        return AgendaEntry(session=self.session, room_title=self.room.title)


def may_be_passed_on(room: Room) -> bool:
    """Return whether feeds and search engines may show a room: not if it is by invitation, or takes nobody in."""
    return room.status is RoomStatus.PUBLISHED and room.access.policy is not Policy.INVITATION


def coming(result: RoomResult) -> list[Session]:
    """Return the sessions of a room that take place."""
    return [each for each in result.sessions if each.status is SessionStatus.SCHEDULED]


async def newest_rooms(site: Site, query: SearchRooms) -> Sequence[RoomFound]:
    """Return the newest rooms that a search finds; raise UnavailableError."""
    return await _found(
        site, query.model_copy(update={"limit": MOST_ROOMS, "after": None, "order": SearchOrder.NEWEST})
    )


async def public_dates(site: Site, query: SearchRooms) -> Sequence[PublicDate]:
    """Return the next sessions of the rooms that a search finds, soonest first; raise UnavailableError."""
    soonest = {"limit": MOST_ROOMS_WITH_DATES, "after": None, "order": SearchOrder.SOONEST}
    rooms = [each for each in await _found(site, query.model_copy(update=soonest)) if each.next_session_at]
    results = await asyncio.gather(
        *(site.gateway.ask(GetRoom(room_id=each.room_id), RoomResult, actor=NOBODY) for each in rooms)
    )
    dates = [
        PublicDate(each.room, session)
        for each in results
        if isinstance(each, RoomResult) and may_be_passed_on(each.room)
        for session in coming(each)
    ]
    return sorted(dates, key=lambda each: (each.session.starts_at, each.session.session_id))


async def _found(site: Site, query: SearchRooms) -> Sequence[RoomFound]:
    """Return the first rooms of a search that may be passed on: searched by policy, so that others take no place."""
    policies = [query.policy] if query.policy else _PASSED_ON
    queries = [query.model_copy(update={"policy": each}) for each in policies]
    answers = await asyncio.gather(*(site.gateway.ask(each, RoomsFound, actor=NOBODY) for each in queries))
    rooms = dict[UUID, RoomFound]()
    for found in answers:
        if isinstance(found, Refusal):
            raise UnavailableError(found.code)
        rooms |= {each.room_id: each for each in found.rooms if may_be_passed_on(each)}
    return _in_order(rooms.values(), query.order)[: query.limit]


def _in_order(rooms: Iterable[RoomFound], order: SearchOrder | None) -> list[RoomFound]:
    """Return rooms in the order of a search."""
    newest = sorted(rooms, key=lambda each: (each.published_at or _LONG_AGO, each.room_id), reverse=True)
    if order is not SearchOrder.SOONEST:
        return newest
    return sorted(newest, key=lambda each: (each.next_session_at is None, each.next_session_at or _LONG_AGO))
