"""The people of a room on its desk, and those who were there before, by status, one page of each at a time."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.membership import Status
from practio_contracts.rooms import RoomStatus
from practio_pages.pages.desk import desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.former_people import FORMER
from practio_pages.pages.own_rooms import LIVE
from practio_pages.pages.people_names import names_of
from practio_pages.pages.person_steps import STEPS, is_possible
from practio_pages.pages.roster_parts import RosterView, load_parts
from practio_pages.rendering import render
from practio_pages.site import site_of

_PARTS: Mapping[str, Status] = {
    "requests": Status.REQUESTED,
    "offers": Status.OFFERED,
    "line": Status.WAITLISTED,
    "invited": Status.INVITED,
    "inside": Status.JOINED,
}
_FORMER: Mapping[str, Status] = {each.value: each for each in (*FORMER, Status.ENDED)}
"""The parts of the page of those who were there before; a part is called by its status."""


async def show_people(request: Request) -> Response:
    """Show the people; opening the page changes nothing."""
    return await _page(request, "desk-people", _PARTS)


async def show_former_people(request: Request) -> Response:
    """Show those whose membership has ended; opening the page changes nothing."""
    return await _page(request, "desk-former", _FORMER)


async def _page(request: Request, template: str, statuses: Mapping[str, Status]) -> Response:
    link, _ = await desk_link(request)
    site = site_of(request)
    desk, found = await asyncio.gather(desk_of(site, link), load_parts(site, link, request.url, statuses))
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    room = desk.room
    if isinstance(found, Refusal) and room.status is not RoomStatus.DRAFT:
        return desk_closed(request, link, found)
    view = None if isinstance(found, Refusal) else RosterView(room, *found)
    ids = [*view.person_ids, *_buddies(view)] if view else []
    return render(
        request,
        template,
        desk_localizer(request, link, room),
        desk=desk,
        room=room,
        root=desk_root(request),
        view=view,
        names=await names_of(site, room.room_id, ids, actor=link.person_id),
        exchanges=is_possible(STEPS["role"], Status.JOINED, office=desk.office, room=room),
        requests_path=site.path_from(link, Purpose.QUEUE) if room.status in LIVE else None,
        has_former=view is not None and any(view.roster.counts.get(each) for each in _FORMER.values()),
    )


def _buddies(view: RosterView) -> list[UUID]:
    return [each.buddy_id for part in view.parts.values() for each in part.entries if each.buddy_id]


ROUTES = [
    Route("/desk/{token}/people", show_people, methods=["GET"]),
    Route("/desk/{token}/people/former", show_former_people, methods=["GET"]),
]
