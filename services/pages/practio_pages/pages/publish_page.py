"""A draft as others will see it, and the button that publishes it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.rooms import PublishRoom
from practio_pages.pages.desk import desk_closed
from practio_pages.pages.room_form import faults_of, form_of
from practio_pages.pages.start_page import (
    DraftForm,
    draft_id,
    draft_of,
    draft_result_of,
    form_page,
    is_published,
    published_page,
    start_link,
    start_root,
)
from practio_pages.rendering import render
from practio_pages.site import localizer_of, signed_in, site_of


async def show_preview(request: Request) -> Response:
    """Show a draft as others will see it."""
    return await _preview(request)


async def publish(request: Request) -> Response:
    """Publish a draft; if it is not complete, show its form with what is missing at each field."""
    link, site = await start_link(request), site_of(request)
    room_id = draft_id(request, link)
    signed = await signed_in(request, {PublishRoom.routing_key}, person_id=link.person_id, room_id=room_id)
    if signed is None:
        return await _preview(request)
    outcome = await site.gateway.send(PublishRoom(room_id=room_id), actor=link.person_id, id=signed.id)
    room = await draft_of(site, link, room_id)
    if isinstance(room, Refusal):
        return desk_closed(request, link, room)
    if isinstance(outcome, Refusal):
        content = form_of(room)
        return form_page(request, link, room, DraftForm(content, faults_of(outcome, content), refusal=outcome))
    return published_page(request, link, room, has_done=True)


async def _preview(request: Request) -> Response:
    link, site = await start_link(request), site_of(request)
    room_result = await draft_result_of(site, link, draft_id(request, link))
    if isinstance(room_result, Refusal):
        return desk_closed(request, link, room_result)
    room = room_result.room
    if is_published(room):
        return published_page(request, link, room)
    return render(
        request,
        "room-preview",
        localizer_of(request, link),
        root=start_root(request),
        room_result=room_result,
        introduces=site.introduces,
        room=room.model_copy(update={"place": None, "meeting_url": None, "status": "published"}),
        form=site.forms.sign(PublishRoom.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


ROUTES = [
    Route("/start/{token}/room/{room_id:uuid}/preview", show_preview, methods=["GET"]),
    Route("/start/{token}/room/{room_id:uuid}/preview", publish, methods=["POST"]),
]
