"""Unsubscribing from one category: by a button, or by a mail program's one click (RFC 8058).

The link alone is the authority: its holder may switch off these letters of its person, and nothing else. A repeated
click finds nothing to change. Each click that changes something is a command of its own, so that a person who wanted
the letters again can unsubscribe later by the same link.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uuid_utils.compat import uuid7

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_pages.forms import FormError
from practio_pages.pages.preferences_form import OptionalCategory, command_without
from practio_pages.pages.preferences_page import preferences_of
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, link_of, localizer_of, site_of

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""The field that a mail program sends (RFC 8058, 3.1); the button sends it too."""


async def show_unsubscribe(request: Request) -> Response:
    """Show which letters would stop; opening the page stops nothing, since scanners open it too."""
    link = await link_of(request, Purpose.STOP)
    return _page(request, link, _category(link), is_done=False)


async def stop(request: Request) -> Response:
    """Switch off the letters of the link's category."""
    link = await link_of(request, Purpose.STOP)
    category = _category(link)
    name, value = ONE_CLICK
    if (await fields_of(request)).get(name) != value:
        raise FormError("neither the button nor one click")
    refusal = await _stopped(site_of(request), link, category)
    return _page(request, link, category, is_done=refusal is None, refusal=refusal)


def _category(link: Link) -> OptionalCategory:
    try:
        return OptionalCategory(link.category or "")
    except ValueError as error:
        raise HTTPException(404) from error


async def _stopped(site: Site, link: Link, category: OptionalCategory) -> Refusal | None:
    """Switch off a category by reading the preferences and replacing them as a whole; return the refusal, if any."""
    person = link.person_id
    async with site.gateway.lock_for(person):
        before = await preferences_of(site, person)
        if isinstance(before, Refusal):
            return before
        command = command_without(category, before)
        outcome = await site.gateway.send(command, actor=person, id=uuid7()) if command else None
    return outcome if isinstance(outcome, Refusal) else None


def _page(
    request: Request, link: Link, category: OptionalCategory, *, is_done: bool, refusal: Refusal | None = None
) -> Response:
    return render(
        request,
        "unsubscribe",
        localizer_of(request, link),
        status=409 if refusal else 200,
        category=category,
        is_done=is_done,
        refusal=refusal,
        one_click=ONE_CLICK,
        preferences=site_of(request).path_from(link, Purpose.PREFERENCES),
    )


ROUTES = [Route("/stop/{token}", show_unsubscribe, methods=["GET"]), Route("/stop/{token}", stop, methods=["POST"])]
