"""No more letters of one category: by a button, or by a mail program's one click (RFC 8058).

The link alone is the authority: whoever has it may end these letters of its person, and do nothing else with it. The
same click twice finds that nothing has to change; each that has to is a command of its own, so that who wanted letters
again later and unsubscribes once more by the same link is heard.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uuid_utils.compat import uuid7

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_pages.forms import FormError
from practio_pages.pages.preferences_form import Category, wish_without
from practio_pages.pages.preferences_page import preferences_of
from practio_pages.rendering import shown
from practio_pages.site import Site, fields_of, link_of, site_of, tongue_of

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What a mail program sends, and the button does too (RFC 8058, 3.1)."""


async def look(request: Request) -> Response:
    """Show what would stop; nothing does by looking, for scanners look too."""
    link = link_of(request, Purpose.STOP)
    return _page(request, link, _category(link), is_done=False)


async def stop(request: Request) -> Response:
    """End the letters of the link's category."""
    link = link_of(request, Purpose.STOP)
    category = _category(link)
    name, value = ONE_CLICK
    if (await fields_of(request)).get(name) != value:
        raise FormError("neither the button nor one click")
    refusal = await _stopped(site_of(request), link, category)
    return _page(request, link, category, is_done=refusal is None, refusal=refusal)


def _category(link: Link) -> Category:
    try:
        return Category(link.category or "")
    except ValueError as error:
        raise HTTPException(404) from error


async def _stopped(site: Site, link: Link, category: Category) -> Refusal | None:
    """See to it that no such letters come, for which preferences are read and set whole; give why that is refused."""
    person = link.person_id
    async with site.desk.turn_of(person):
        before = await preferences_of(site, person)
        if isinstance(before, Refusal):
            return before
        command = wish_without(category, before)
        outcome = await site.desk.send(command, actor=person, id=uuid7()) if command else None
    return outcome if isinstance(outcome, Refusal) else None


def _page(
    request: Request, link: Link, category: Category, *, is_done: bool, refusal: Refusal | None = None
) -> Response:
    preferences = Link(Purpose.PREFERENCES, link.person_id, link.room_id, locale=link.locale, time_zone=link.time_zone)
    return shown(
        request,
        "stop",
        tongue_of(request, link),
        status=409 if refusal else 200,
        category=category,
        is_done=is_done,
        refusal=refusal,
        one_click=ONE_CLICK,
        preferences=site_of(request).links.url(preferences),
    )


ROUTES = [Route("/stop/{token}", look, methods=["GET"]), Route("/stop/{token}", stop, methods=["POST"])]
