"""The calendar that programs subscribe to: a person's agenda, to read; no button, no page, no other link."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import ExpiredLinkError, Link, LinkError, Purpose
from practio_contracts.rooms import AgendaEntry, AgendaFound, ListAgenda
from practio_pages.gateway import PersonErasedError, UnavailableError
from practio_pages.link_version import EndedLinkError
from practio_pages.pages.calendar_feed import feed_of, tag_of
from practio_pages.pages.http_caching import known_tags
from practio_pages.site import Site, link_of, site_of

_A_PAGE = 200
_GONE = "This calendar address has ended. Your rooms on Practio show a new one.\n"
_WRONG = "This is no calendar address: part of it may be missing.\n"
_AWAY = "The calendar is not available right now.\n"


async def show_calendar(request: Request) -> Response:
    """Return the agenda; a program that has it already is answered 304, and one that cannot have it in plain text."""
    try:
        link = await link_of(request, Purpose.CALENDAR)
        entries = await _agenda(site_of(request), link)
    except (ExpiredLinkError, EndedLinkError, PersonErasedError):
        return PlainTextResponse(_GONE, 410)
    except LinkError:
        return PlainTextResponse(_WRONG, 404)
    except UnavailableError:
        return PlainTextResponse(_AWAY, 503, {"retry-after": "600"})
    feed = feed_of(entries, zone=link.time_zone, stamp=datetime.now(UTC))
    headers = {"etag": tag_of(feed), "cache-control": "private, no-cache"}
    if headers["etag"] in known_tags(request):
        return Response(status_code=304, headers=headers)
    named = {"content-disposition": 'inline; filename="practio.ics"'}
    return Response(feed, media_type="text/calendar", headers=headers | named)


async def _agenda(site: Site, link: Link) -> list[AgendaEntry]:
    """Return all sessions of the agenda; raise UnavailableError, PersonErasedError."""
    entries: list[AgendaEntry] = []
    query = ListAgenda(person_id=link.person_id, limit=_A_PAGE)
    while True:
        found = await site.gateway.ask(query, AgendaFound, actor=link.person_id)
        if isinstance(found, Refusal):
            raise UnavailableError(found.code)
        entries += found.sessions
        if found.after is None:
            return entries
        query = query.model_copy(update={"after": found.after})


ROUTES = [Route("/calendar/{token}.ics", show_calendar, methods=["GET"])]
