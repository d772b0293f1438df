"""The public page of a room: its purpose, its sessions, and how to join."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.pages.http_caching import MINUTES, cached
from practio_pages.pages.public_rooms import coming, may_be_passed_on
from practio_pages.pages.schema_org_events import events_of
from practio_pages.rendering import render, words_of
from practio_pages.site import NOBODY, localizer_of, site_of

LISTED = {"x-robots-tag": "all"}
"""The header by which search engines may list a room that may be passed on."""

_DESCRIPTION = 300


async def show_room(request: Request) -> Response:
    """Show a published room; a reader who has this page already is answered 304."""
    site = site_of(request)
    room_result = await site.gateway.ask(GetRoom(room_id=request.path_params["room_id"]), RoomResult, actor=NOBODY)
    if isinstance(room_result, Refusal):
        return render(request, "room-gone", localizer_of(request), status=404, refusal=room_result, entered=())
    room = room_result.room
    localizer = localizer_of(request, language=room.language, zone=room.time_zone or "UTC")
    address = f"{site.pages_url}/room/{room.room_id}"
    is_public = may_be_passed_on(room)
    page = render(
        request,
        "room-page",
        localizer,
        room_result=room_result,
        room=room,
        introduces=site.introduces,
        may_be_passed_on=is_public,
        address=address,
        description=" ".join((room.purpose or "").split())[:_DESCRIPTION],
        events=events_of(room, coming(room_result), address=address, place=words_of("public-place", localizer)),
    )
    page.headers.update(LISTED if is_public else {})
    return cached(request, page, seconds=MINUTES)


ROUTES = [Route("/room/{room_id:uuid}", show_room, methods=["GET"])]
