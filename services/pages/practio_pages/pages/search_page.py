"""The search for published rooms, by words and by properties, with or without a link."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from practio_chassis.i18n import Localizer
from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import Format, Mode, Policy, RoomFound, RoomsFound, SearchOrder
from practio_pages.gateway import UnavailableError
from practio_pages.rendering import render
from practio_pages.searching import Search, read_search
from practio_pages.site import NOBODY, in_zone_of, link_of, localizer_of, site_of

_CHOICES: dict[str, Any] = {
    "formats": list(Format),
    "modes": list(Mode),
    "policies": list(Policy),
    "orders": list(SearchOrder),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A room in the results; ``next_session`` is a formatted time."""

    room: RoomFound
    next_session: str | None


async def browse(request: Request) -> Response:
    """Show published rooms to anybody."""
    return await _page(request, None, root="", home="/")


async def search(request: Request) -> Response:
    """Show published rooms to the person of a link."""
    link = await link_of(request, Purpose.ROOMS)
    root = f"/rooms/{request.path_params['token']}"
    return await _page(request, link, root=root, home=f"{root}/search")


async def _page(request: Request, link: Link | None, *, root: str, home: str) -> Response:
    criteria = read_search(request.query_params)
    actor = link.person_id if link else NOBODY
    found = await site_of(request).gateway.ask(criteria.query, RoomsFound, actor=actor)
    if isinstance(found, Refusal):
        return _from_start(request, criteria, found)
    localizer = localizer_of(request, link)
    return render(
        request,
        "search",
        localizer,
        root=root,
        home=home,
        search=criteria,
        cards=[_card(each, localizer, link) for each in found.rooms],
        after=found.after,
        languages_offered=localizer.languages(also=criteria.query.language),
        **_CHOICES,
    )


def _from_start(request: Request, criteria: Search, refusal: Refusal) -> Response:
    """Redirect to the first page if the requested one does not exist."""
    if "after" not in criteria.parameters:
        raise UnavailableError(refusal.code)
    parameters = {name: value for name, value in request.query_params.items() if name != "after"}
    return RedirectResponse(f"{site_of(request).base}{request.url.path}?{urlencode(parameters)}", 303)


def _card(room: RoomFound, localizer: Localizer, link: Link | None) -> Card:
    local = in_zone_of(localizer, link, zone=room.time_zone)
    return Card(room, local.when(room.next_session_at) if room.next_session_at else None)


ROUTES = [Route("/", browse, methods=["GET"]), Route("/rooms/{token}/search", search, methods=["GET"])]
