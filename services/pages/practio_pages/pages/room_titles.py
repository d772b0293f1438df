"""The titles of rooms on a page: those that are at hand, and one query for each of the others."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from practio_contracts.membership import Memberships
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.site import Site


def titles_in(memberships: Memberships) -> dict[UUID, str]:
    """Return the titles that came with memberships: of all their rooms, or of as many as the answer could hold."""
    return {each.room_id: each.title for each in memberships.titles}


async def titles_of(site: Site, person_id: UUID, rooms: Iterable[UUID], *, known: dict[UUID, str]) -> dict[UUID, str]:
    """Return the ``known`` titles and those of the other ``rooms``, without rooms that the person may not see."""
    others = dict.fromkeys(each for each in rooms if each not in known)
    found = await asyncio.gather(*(_title(site, person_id, each) for each in others))
    return known | {room: title for room, title in zip(others, found, strict=True) if title is not None}


async def _title(site: Site, person_id: UUID, room_id: UUID) -> str | None:
    result = await site.gateway.ask(GetRoom(room_id=room_id), RoomResult, actor=person_id)
    return result.room.title if isinstance(result, RoomResult) else None
