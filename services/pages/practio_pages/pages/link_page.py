"""A link by mail: every address gets the same page, known or not."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.notifications import SendLink
from practio_pages.pages.link_requests import TRAP, send_link
from practio_pages.rendering import render
from practio_pages.site import NOBODY, fields_of, localizer_of, signed_in, site_of


async def show_link_form(request: Request) -> Response:
    """Show the form for an address."""
    return _form(request, _room(request))


async def request_link(request: Request) -> Response:
    """Have a link sent to an address."""
    room_id, fields, localizer = _room(request), await fields_of(request), localizer_of(request)
    signed = await signed_in(request, {SendLink.routing_key}, person_id=NOBODY, room_id=room_id)
    email = fields.get("email", "")
    if signed is None:
        return _form(request, room_id, email=email)
    asked = await send_link(
        request, signed, email=email, trap=fields.get(TRAP, ""), room_id=room_id, language=localizer.language
    )
    if asked.is_sent:
        return render(request, "link-sent", localizer, introduces=site_of(request).introduces)
    shown = {"email": asked.email, "fault": not asked.is_address, "minutes": asked.minutes}
    return asked.mark(_form(request, room_id, status=asked.status, **shown))


def _room(request: Request) -> UUID | None:
    try:
        return UUID(request.query_params.get("room", ""))
    except ValueError:
        return None


def _form(request: Request, room_id: UUID | None, *, status: int = 200, **values: Any) -> Response:
    site = site_of(request)
    form = site.forms.sign(SendLink.routing_key, person_id=NOBODY, room_id=room_id)
    usual = {"email": "", "fault": False, "minutes": None, "form": form, "trap": TRAP, "room_id": room_id}
    return render(request, "link", localizer_of(request), status=status, introduces=site.introduces, **usual | values)


ROUTES = [Route("/link", show_link_form, methods=["GET"]), Route("/link", request_link, methods=["POST"])]
