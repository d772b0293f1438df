"""The shared parts of all pages: links, forms, the gateway, and the reader's language."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request

from practio_chassis.i18n import Catalogues, Localizer
from practio_contracts.links import Link, Links, Purpose
from practio_contracts.notifications import Introduction, PreferencesFound
from practio_pages.forms import FIELD, Forms, OldFormError, SignedCommand
from practio_pages.gateway import Gateway
from practio_pages.link_version import check_version
from practio_pages.rates import Meter
from practio_pages.recent_answers import RecentAnswers

CATALOGUES = Catalogues(Path(__file__).parent / "locales", "pages")
NOBODY = UUID("00000000-0000-8000-8000-000000000000")
"""The actor of a reader without a link: an id that belongs to nobody."""

MOST_FIELDS = 5_000
"""The most fields of a form: a page of people has two for each of them, and Starlette's own limit is 1,000."""

_USUAL_ZONE = "UTC"


@dataclass(frozen=True)
class Site:
    """The parts of the site; one instance for the process. ``recent`` keeps what everybody may read for a moment.

    ``may_start``: people may start rooms by its pages. ``introduces``: those whom nobody knows may say who they are.
    """

    links: Links
    forms: Forms
    gateway: Gateway
    pages_url: str
    meter: Meter = field(default_factory=Meter)
    recent: RecentAnswers = field(default_factory=RecentAnswers)
    may_start: bool = True
    introduces: bool = False

    @property
    def base(self) -> str:
        """Return the path under which readers reach the site; empty at the root of a host."""
        return urlsplit(self.pages_url).path

    def path_from(
        self,
        opened: Link,
        purpose: Purpose,
        *,
        room_id: UUID | None = None,
        session_id: UUID | None = None,
        sponsor_id: UUID | None = None,
    ) -> str:
        """Return the path of another page for the person of ``opened``: every link that a page makes is made here.

        It expires no later than ``opened``, the link that the page was opened by.
        """
        assert opened.not_after is not None  # a link that was read, not made
        link = derived(opened, purpose, room_id=room_id, session_id=session_id, sponsor_id=sponsor_id)
        return f"/{purpose}/{self.links.token(link)}"

    def code_of(self, opened: Link, *, until: datetime) -> str:
        """Return the address behind the code of the session of ``opened``; it ends with ``opened`` or at ``until``.

        It has no language and zone: many people read it.
        """
        assert opened.not_after is not None
        link = derived(opened, Purpose.CHECK_IN, session_id=opened.session_id)
        return self.links.url(replace(link, locale=None, time_zone=None, not_after=min(until, opened.not_after)))

    def calendar_of(self, opened: Link, *, renewed: int) -> str:
        """Return the address of the calendar of the person of ``opened``; they have ``renewed`` it so many times.

        It outlasts ``opened``: it shows when the person's rooms meet, and can do nothing.
        """
        link = replace(derived(opened, Purpose.CALENDAR), room_id=None, not_after=None)
        link = replace(link, version=opened.version + renewed)
        return f"{self.links.url(link)}.ics"

    def certificate_of(self, opened: Link, *, room_id: UUID | None = None) -> str:
        """Return the path of the certificate of the person of ``opened``, in ``room_id`` or the same room.

        It outlasts ``opened``, like the calendar: it shows what the person attended, and can do nothing.
        """
        link = replace(derived(opened, Purpose.CERTIFICATE, room_id=room_id), not_after=None)
        return f"/{Purpose.CERTIFICATE}/{self.links.token(link)}"


def derived(
    opened: Link,
    purpose: Purpose,
    *,
    room_id: UUID | None = None,
    session_id: UUID | None = None,
    sponsor_id: UUID | None = None,
) -> Link:
    """Return the link to another page for the person of ``opened``, in ``room_id`` or the same room.

    It names no category, and no session and sponsor but these.
    """
    room = room_id or opened.room_id
    return replace(opened, purpose=purpose, room_id=room, category=None, session_id=session_id, sponsor_id=sponsor_id)


def site_of(request: Request) -> Site:
    """Return the site of a request."""
    site: Site = request.app.state.site
    return site


async def link_of(request: Request, purpose: Purpose) -> Link:
    """Read the link in a request's path and keep it for a later error page; ask whether it has ended.

    Raise LinkError, UnavailableError or PersonErasedError.
    """
    site = site_of(request)
    link = site.links.read(request.path_params["token"], purpose)
    request.state.link = link
    request.state.known = await check_version(site.gateway, link)
    return link


def is_checked(request: Request) -> bool:
    """Return whether the link of a request was found not to have ended."""
    return hasattr(request.state, "known")


def renewals_of(request: Request) -> int:
    """Return how often the person of the link in a request has renewed the address of their calendar."""
    known: PreferencesFound = request.state.known
    return known.calendar_version


def introduction_of(request: Request) -> Introduction | None:
    """Return what the person of the link in a request may still say of themselves; None if they are registered."""
    known: PreferencesFound = request.state.known
    return known.introduction


def path_to_introduce(request: Request, link: Link) -> str | None:
    """Return the path of the page on which the person of ``link`` says who they are; None if they cannot."""
    site, introduction = site_of(request), introduction_of(request)
    may = site.introduces and introduction is not None and introduction.email is not None
    return site.path_from(link, Purpose.INTRODUCE) if may else None


def localizer_of(
    request: Request, link: Link | None = None, *, language: str = "", zone: str = _USUAL_ZONE
) -> Localizer:
    """Return the localizer in the first known language of: the page, the letter, the browser, the room (``language``).

    Times are in the zone of the link's person, else in the room's (``zone``).
    """
    asked = request.query_params.get("lang", "")
    preferred = [asked, (link and link.locale) or "", *_accepted(request.headers.get("accept-language", "")), language]
    return CATALOGUES.localizer([tag for tag in preferred if tag], (link and link.time_zone) or zone)


def in_zone_of(localizer: Localizer, link: Link | None, *, zone: str | None) -> Localizer:
    """Return the localizer with the zone of the link's person, else with that of a room (``zone``)."""
    return replace(localizer, zone=ZoneInfo((link and link.time_zone) or zone or _USUAL_ZONE))


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


async def pairs_of(request: Request) -> list[tuple[str, str]]:
    """Return the text fields of a form as they were sent, in their order."""
    form = await request.form(max_fields=MOST_FIELDS)
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


async def fields_of(request: Request) -> Mapping[str, str]:
    """Return the text fields of a form; of a repeated field, the last."""
    return dict(await pairs_of(request))


async def signed_in(
    request: Request, commands: Collection[str], *, person_id: UUID, room_id: UUID | None = None
) -> SignedCommand | None:
    """Return the signed command of the form in a request; None if the form was open for too long.

    Its page then comes back with the form's content, to be sent again; rendering adds why. Raise FormError.
    """
    try:
        return site_of(request).forms.read(await fields_of(request), commands, person_id=person_id, room_id=room_id)
    except OldFormError:
        request.state.has_old_form = True
        return None


__all__ = [
    "CATALOGUES",
    "FIELD",
    "NOBODY",
    "Site",
    "derived",
    "fields_of",
    "in_zone_of",
    "introduction_of",
    "is_checked",
    "link_of",
    "localizer_of",
    "pairs_of",
    "path_to_introduce",
    "renewals_of",
    "signed_in",
    "site_of",
]
