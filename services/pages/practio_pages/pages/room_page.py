"""The public page of a room: its purpose, its sessions, and how to join."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.rendering import render
from practio_pages.site import NOBODY, localizer_of, site_of


async def look(request: Request) -> Response:
    """Show a published room."""
    site = site_of(request)
    room_result = await site.gateway.ask(GetRoom(room_id=request.path_params["room_id"]), RoomResult, actor=NOBODY)
    if isinstance(room_result, Refusal):
        return render(request, "room-gone", localizer_of(request), status=404, refusal=room_result, written=())
    localizer = localizer_of(request, language=room_result.room.language, zone=room_result.room.time_zone or "UTC")
    return render(
        request, "room-page", localizer, room_result=room_result, room=room_result.room, introduces=site.introduces
    )


ROUTES = [Route("/room/{room_id:uuid}", look, methods=["GET"])]
