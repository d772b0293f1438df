"""A person's own rooms: their status in each, with a link to the membership page."""

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
from practio_pages.gateway import UnavailableError
from practio_pages.pages.request_page import membership_link
from practio_pages.rendering import render
from practio_pages.site import Site, link_of, localizer_of, site_of

_A_PAGE = 10


@dataclass(frozen=True, slots=True)
class RoomEntry:
    """A room in the list: its title (None if the person may not see it) and the path of the membership page."""

    membership: Membership
    title: str | None
    path: str


async def look(request: Request) -> Response:
    """Show the person's live memberships, and on request those that ended, the newest first."""
    link, site = link_of(request, Purpose.ROOMS), site_of(request)
    after, ended = request.query_params.get("after") or None, "ended" in request.query_params
    found = await _page_of(site, link.person_id, ended=ended, after=after)
    if found is None:
        return RedirectResponse(site.base + request.url.path, 303)
    entries = await _entries(site, link, found.memberships)
    root = f"/rooms/{request.path_params['token']}"
    localizer = localizer_of(request, link)
    return render(
        request, "own", localizer, root=root, entries=entries, after=found.after, ended=ended, is_first=not after
    )


async def _page_of(site: Site, person_id: UUID, *, ended: bool, after: str | None) -> Memberships | None:
    """Return a page of memberships; None if ``after`` is not the end of a page."""
    fields = {"person_id": person_id, "live_only": not ended, "limit": _A_PAGE, "after": after}
    try:
        query = ListMemberships.model_validate(fields)
    except ValidationError:
        return None
    found = await site.gateway.ask(query, Memberships, actor=person_id)
    if isinstance(found, Refusal) and after is None:
        raise UnavailableError(found.code)
    return None if isinstance(found, Refusal) else found


async def _entries(site: Site, link: Link, memberships: Sequence[Membership]) -> list[RoomEntry]:
    """Return each room once, with its newest membership."""
    newest: dict[UUID, Membership] = {}
    for membership in memberships:
        newest.setdefault(membership.room_id, membership)
    titles = await asyncio.gather(*(_title(site, link.person_id, room_id) for room_id in newest))
    return [
        RoomEntry(membership, title, site.path(membership_link(link, room_id)))
        for (room_id, membership), title in zip(newest.items(), titles, strict=True)
    ]


async def _title(site: Site, person_id: UUID, room_id: UUID) -> str | None:
    result = await site.gateway.ask(GetRoom(room_id=room_id), RoomResult, actor=person_id)
    return None if isinstance(result, Refusal) else result.room.title


ROUTES = [Route("/rooms/{token}", look, methods=["GET"])]
