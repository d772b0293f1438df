"""A person's own page: where they stand with their rooms, each leading to their way in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import ListMemberships, Membership, Memberships
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.gateway import AwayError
from practio_pages.pages.request_page import way_in
from practio_pages.rendering import shown
from practio_pages.site import Site, link_of, site_of, tongue_of

_A_PAGE = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands with a room: what it is called (None where it is not shown to them), and their way."""

    membership: Membership
    title: str | None
    way: str


async def look(request: Request) -> Response:
    """Show the rooms that a person is in or in line for; those that ended too where asked for, the newest first."""
    link, site = link_of(request, Purpose.ROOMS), site_of(request)
    after, ended = request.query_params.get("after") or None, "ended" in request.query_params
    found = await _page_of(site, link.person_id, ended=ended, after=after)
    if found is None:
        return RedirectResponse(site.base + request.url.path, 303)
    standings = await _standings(site, link, found.memberships)
    root = f"/rooms/{request.path_params['token']}"
    spoken = tongue_of(request, link)
    return shown(
        request, "own", spoken, root=root, standings=standings, after=found.after, ended=ended, is_first=not after
    )


async def _page_of(site: Site, person_id: UUID, *, ended: bool, after: str | None) -> Memberships | None:
    """Give a page of memberships; None where ``after`` is not where a page ended."""
    told = {"person_id": person_id, "live_only": not ended, "limit": _A_PAGE, "after": after}
    try:
        asked = ListMemberships.model_validate(told)
    except ValidationError:
        return None
    found = await site.desk.ask(asked, Memberships, actor=person_id)
    if isinstance(found, Refusal) and after is None:
        raise AwayError(found.code)
    return None if isinstance(found, Refusal) else found


async def _standings(site: Site, link: Link, memberships: Sequence[Membership]) -> list[Standing]:
    """Give each room once, as the newest membership in it has it."""
    newest: dict[UUID, Membership] = {}
    for membership in memberships:
        newest.setdefault(membership.room_id, membership)
    titles = await asyncio.gather(*(_title(site, link.person_id, room_id) for room_id in newest))
    return [
        Standing(membership, title, site.path(way_in(link, room_id)))
        for (room_id, membership), title in zip(newest.items(), titles, strict=True)
    ]


async def _title(site: Site, person_id: UUID, room_id: UUID) -> str | None:
    told = await site.desk.ask(GetRoom(room_id=room_id), RoomResult, actor=person_id)
    return None if isinstance(told, Refusal) else told.room.title


ROUTES = [Route("/rooms/{token}", look, methods=["GET"])]
