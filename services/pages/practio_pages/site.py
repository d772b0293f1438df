"""The shared parts of all pages: links, forms, the gateway, and the reader's language."""

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
from practio_pages.gateway import Gateway
from practio_pages.rates import Meter

CATALOGUES = Catalogues(Path(__file__).parent / "locales", "pages")
NOBODY = UUID("00000000-0000-8000-8000-000000000000")
"""The actor of a reader without a link: an id that belongs to nobody."""

_USUAL_ZONE = "UTC"


@dataclass(frozen=True)
class Site:
    """The parts of the site; one instance for the process."""

    links: Links
    forms: Forms
    gateway: Gateway
    pages_url: str
    meter: Meter = field(default_factory=Meter)

    @property
    def base(self) -> str:
        """Return the path under which readers reach the site; empty at the root of a host."""
        return urlsplit(self.pages_url).path

    def path(self, link: Link) -> str:
        """Return the path of a link's page, signed now."""
        return f"/{link.purpose}/{self.links.token(link)}"


def site_of(request: Request) -> Site:
    """Return the site of a request."""
    site: Site = request.app.state.site
    return site


def link_of(request: Request, purpose: Purpose) -> Link:
    """Read the link in a request's path and keep it for a later error page; raise LinkError."""
    link = site_of(request).links.read(request.path_params["token"], purpose)
    request.state.link = link
    return link


def localizer_of(
    request: Request, link: Link | None = None, *, language: str = "", zone: str = _USUAL_ZONE
) -> Localizer:
    """Return the localizer in the first known language of: the page, the letter, the browser, the room (``language``).

    Times are in the zone of the link's person, else in the room's (``zone``).
    """
    asked = request.query_params.get("lang", "")
    preferred = [asked, (link and link.locale) or "", *_accepted(request.headers.get("accept-language", "")), language]
    return CATALOGUES.localizer([tag for tag in preferred if tag], (link and link.time_zone) or zone)


def _accepted(header: str) -> list[str]:
    """Return the languages of ``Accept-Language``, the preferred ones first (RFC 9110, 12.5.4)."""
    weighted = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.partition(";q=")
        try:
            weighted.append((float(weight or 1), tag.strip()))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighted, key=lambda each: -each[0]) if weight > 0]


async def fields_of(request: Request) -> Mapping[str, Any]:
    """Return the text fields of a form; of a repeated field, the last."""
    return {name: value for name, value in (await request.form()).multi_items() if isinstance(value, str)}


__all__ = ["CATALOGUES", "FIELD", "NOBODY", "Site", "fields_of", "link_of", "localizer_of", "site_of"]
