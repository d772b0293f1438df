"""A room's page, for whoever comes: what it is, when it meets, and how one comes in."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.rendering import shown
from practio_pages.site import NOBODY, site_of, tongue_of


async def look(request: Request) -> Response:
    """Show a published room."""
    told = await site_of(request).desk.ask(GetRoom(room_id=request.path_params["room_id"]), RoomResult, actor=NOBODY)
    if isinstance(told, Refusal):
        return shown(request, "room-gone", tongue_of(request), status=404, refusal=told)
    spoken = tongue_of(request, language=told.room.language, zone=told.room.time_zone or "UTC")
    return shown(request, "room-page", spoken, told=told, room=told.room)


ROUTES = [Route("/room/{room_id:uuid}", look, methods=["GET"])]
