"""A link by mail: every address gets the same page, known or not."""

from datetime import UTC, datetime
from math import ceil
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import SendLink
from practio_pages.rendering import render
from practio_pages.site import NOBODY, fields_of, localizer_of, signed_in, site_of

_TRAP = "leave-empty"
"""A field that people do not see; programs that fill in every field do."""


async def look(request: Request) -> Response:
    """Show the form for an address."""
    return _form(request, _room(request))


async def ask(request: Request) -> Response:
    """Publish the command that sends a link, without waiting:

    neither text nor timing reveals whether the address is known.
    """
    room_id, fields, localizer = _room(request), await fields_of(request), localizer_of(request)
    signed = await signed_in(request, {SendLink.routing_key}, person_id=NOBODY, room_id=room_id)
    if signed is None:
        return _form(request, room_id, email=fields.get("email", ""))
    site = site_of(request)
    command = _command(fields.get("email", ""), room_id, localizer.language if site.introduces else None)
    if command is None:
        return _form(request, room_id, status=422, email=fields.get("email", ""), fault=True)
    client = request.client.host if request.client else ""
    if again_at := site.meter.count(client=client, address=command.email):
        return _too_many(request, room_id, command.email, again_at)
    if not fields.get(_TRAP):
        await site.gateway.publish(command, actor=NOBODY, id=signed.id_with(address_key(command.email)))
    return render(request, "link-sent", localizer, introduces=site.introduces)


def _room(request: Request) -> UUID | None:
    try:
        return UUID(request.query_params.get("room", ""))
    except ValueError:
        return None


def _command(email: str, room_id: UUID | None, language: str | None) -> SendLink | None:
    """Return the command for an address, None if it is no address; ``language`` is for people whom nobody knows yet."""
    try:
        return SendLink(email=email, room_id=room_id, locale=language)
    except ValidationError:
        return None


def _form(request: Request, room_id: UUID | None, *, status: int = 200, **values: Any) -> Response:
    site = site_of(request)
    form = site.forms.sign(SendLink.routing_key, person_id=NOBODY, room_id=room_id)
    usual = {"email": "", "fault": False, "minutes": None, "form": form, "trap": _TRAP, "room_id": room_id}
    return render(request, "link", localizer_of(request), status=status, introduces=site.introduces, **usual | values)


def _too_many(request: Request, room_id: UUID | None, email: str, again_at: datetime) -> Response:
    seconds = max(1, ceil((again_at - datetime.now(UTC)).total_seconds()))
    page = _form(request, room_id, status=429, email=email, minutes=ceil(seconds / 60))
    page.headers["retry-after"] = str(seconds)
    return page


ROUTES = [Route("/link", look, methods=["GET"]), Route("/link", ask, methods=["POST"])]
