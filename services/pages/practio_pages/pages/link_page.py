"""A link by mail: whoever types an address is told the same, whether it is known or not."""

from datetime import UTC, datetime
from math import ceil
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.notifications import SendLink
from practio_pages.forms import FormError
from practio_pages.rendering import shown
from practio_pages.site import NOBODY, fields_of, site_of, tongue_of

_TRAP = "leave-empty"
"""A field that people do not see, and that machines which fill in all fields do."""


async def look(request: Request) -> Response:
    """Show the form for an address."""
    return _form(request, _room(request))


async def ask(request: Request) -> Response:
    """Wish that a link is sent; the answer is not waited for, so that neither its words nor its time tell anything."""
    room_id, fields = _room(request), await fields_of(request)
    move = site_of(request).forms.read(fields, person_id=NOBODY, room_id=room_id)
    if move.command != SendLink.routing_key:
        raise FormError("the form is of another page")
    command = _command(fields.get("email", ""), room_id)
    if command is None:
        return _form(request, room_id, status=422, email=fields.get("email", ""), fault=True)
    client = request.client.host if request.client else ""
    if again_at := await site_of(request).meter.counted(client=client, address=command.email):
        return _too_many(request, room_id, command.email, again_at)
    if not fields.get(_TRAP):
        await site_of(request).desk.say(command, actor=NOBODY, id=move.id_with(command.email.casefold()))
    return shown(request, "link-sent", tongue_of(request))


def _room(request: Request) -> UUID | None:
    try:
        return UUID(request.query_params.get("room", ""))
    except ValueError:
        return None


def _command(email: str, room_id: UUID | None) -> SendLink | None:
    try:
        return SendLink(email=email, room_id=room_id)
    except ValidationError:
        return None


def _form(request: Request, room_id: UUID | None, *, status: int = 200, **words: Any) -> Response:
    form = site_of(request).forms.written(SendLink.routing_key, person_id=NOBODY, room_id=room_id)
    usual = {"email": "", "fault": False, "minutes": None, "form": form, "trap": _TRAP, "room_id": room_id}
    return shown(request, "link", tongue_of(request), status=status, **usual | words)


def _too_many(request: Request, room_id: UUID | None, email: str, again_at: datetime) -> Response:
    seconds = max(1, ceil((again_at - datetime.now(UTC)).total_seconds()))
    page = _form(request, room_id, status=429, email=email, minutes=ceil(seconds / 60))
    page.headers["retry-after"] = str(seconds)
    return page


ROUTES = [Route("/link", look, methods=["GET"]), Route("/link", ask, methods=["POST"])]
