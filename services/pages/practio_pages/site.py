"""What every page has at hand: links, forms, the desk, and how its reader is spoken to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from starlette.requests import Request

from practio_chassis.i18n import Catalogues, Localizer
from practio_contracts.links import Link, Links, Purpose
from practio_pages.forms import FIELD, Forms
from practio_pages.gateway import Desk
from practio_pages.rates import Meter

CATALOGUES = Catalogues(Path(__file__).parent / "locales", "pages")
NOBODY = UUID("00000000-0000-8000-8000-000000000000")
"""The actor of who looks at rooms without a link: an id that is nobody's."""

_USUAL_ZONE = "UTC"


@dataclass(frozen=True)
class Site:
    """The parts of pages; one for the whole process."""

    links: Links
    forms: Forms
    desk: Desk
    pages_url: str
    meter: Meter = field(default_factory=Meter)

    @property
    def base(self) -> str:
        """Give the path under which readers reach pages; empty at a host's root."""
        return urlsplit(self.pages_url).path

    def path(self, link: Link) -> str:
        """Give the path of the page of a link, signed now."""
        return f"/{link.purpose}/{self.links.token(link)}"


def site_of(request: Request) -> Site:
    """Give the site that a request came to."""
    site: Site = request.app.state.site
    return site


def link_of(request: Request, purpose: Purpose) -> Link:
    """Read the link in a request's path, and keep it at hand for what may go wrong later; raises LinkError."""
    link = site_of(request).links.read(request.path_params["token"], purpose)
    request.state.link = link
    return link


def tongue_of(request: Request, link: Link | None = None, *, language: str = "", zone: str = _USUAL_ZONE) -> Localizer:
    """Choose the language: asked for on the page, the letter's, the browser's, the room's (``language``).

    Times are in the zone of the link's person, else in the room's (``zone``).
    """
    asked = request.query_params.get("lang", "")
    wanted = [asked, (link and link.locale) or "", *_accepted(request.headers.get("accept-language", "")), language]
    return CATALOGUES.localizer([tag for tag in wanted if tag], (link and link.time_zone) or zone)


def _accepted(header: str) -> list[str]:
    """Give the languages of ``Accept-Language``, the dearest first (RFC 9110, 12.5.4)."""
    weighed = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.partition(";q=")
        try:
            weighed.append((float(weight or 1), tag.strip()))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighed, key=lambda each: -each[0]) if weight > 0]


async def fields_of(request: Request) -> Mapping[str, Any]:
    """Give the fields of a form that was sent, as text; a field that came twice is its last."""
    return {name: value for name, value in (await request.form()).multi_items() if isinstance(value, str)}


__all__ = ["CATALOGUES", "FIELD", "NOBODY", "Site", "fields_of", "link_of", "site_of", "tongue_of"]
