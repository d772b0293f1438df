"""Finding rooms: published ones, by words and by what they are; with a link or without."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from practio_chassis.i18n import Localizer
from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import Format, Mode, Policy, RoomFound, RoomsFound, SearchOrder
from practio_pages.gateway import AwayError
from practio_pages.rendering import shown
from practio_pages.searching import Search, search_in
from practio_pages.site import NOBODY, link_of, site_of, tongue_of

_LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")
_CHOICES: dict[str, Any] = {
    "formats": list(Format),
    "modes": list(Mode),
    "policies": list(Policy),
    "orders": list(SearchOrder),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A room as a search shows it; ``next_session`` in words."""

    room: RoomFound
    next_session: str | None


async def browse(request: Request) -> Response:
    """Show published rooms to whoever comes."""
    return await _page(request, None, root="", home="/")


async def search(request: Request) -> Response:
    """Show published rooms to the person of a link."""
    link = link_of(request, Purpose.ROOMS)
    root = f"/rooms/{request.path_params['token']}"
    return await _page(request, link, root=root, home=f"{root}/search")


async def _page(request: Request, link: Link | None, *, root: str, home: str) -> Response:
    looked_for = search_in(request.query_params)
    actor = link.person_id if link else NOBODY
    found = await site_of(request).desk.ask(looked_for.asked, RoomsFound, actor=actor)
    if isinstance(found, Refusal):
        return _from_start(request, looked_for, found)
    spoken = tongue_of(request, link)
    return shown(
        request,
        "finding",
        spoken,
        root=root,
        home=home,
        search=looked_for,
        cards=[_card(each, spoken, link) for each in found.rooms],
        after=found.after,
        languages_offered=_languages(looked_for),
        **_CHOICES,
    )


def _from_start(request: Request, looked_for: Search, refusal: Refusal) -> Response:
    """Lead to the first page, where a page was asked for that is none."""
    if "after" not in looked_for.written:
        raise AwayError(refusal.code)
    kept = {name: value for name, value in request.query_params.items() if name != "after"}
    return RedirectResponse(f"{site_of(request).base}{request.url.path}?{urlencode(kept)}", 303)


def _card(room: RoomFound, spoken: Localizer, link: Link | None) -> Card:
    zone = (link and link.time_zone) or room.time_zone or "UTC"
    local = replace(spoken, zone=ZoneInfo(zone))
    return Card(room, local.when(room.next_session_at) if room.next_session_at else None)


def _languages(looked_for: Search) -> list[str]:
    return sorted({*_LANGUAGES, *([looked_for.asked.language] if looked_for.asked.language else [])})


ROUTES = [Route("/", browse, methods=["GET"]), Route("/rooms/{token}/search", search, methods=["GET"])]
