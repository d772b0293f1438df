"""Public rooms for readers and programs: feeds of rooms, a calendar of dates, and what search engines may read."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from practio_chassis.i18n import Localizer
from practio_contracts.rooms import RoomFound
from practio_pages.gateway import UnavailableError
from practio_pages.pages.calendar_feed import feed_of, tag_of
from practio_pages.pages.http_caching import MINUTES, cached
from practio_pages.pages.public_rooms import PublicDate, newest_rooms, public_dates
from practio_pages.pages.room_feeds import Feed, FeedEntry, atom_of, json_of
from practio_pages.rendering import asked_language, words_of
from practio_pages.searching import Search, read_search
from practio_pages.site import in_zone_of, localizer_of, site_of

KEPT_SECONDS = 5 * MINUTES
"""How long readers keep a feed before they ask again."""

_AWAY = "This is not available right now.\n"
_TOO_OFTEN = "You have read this too often. Please wait a while.\n"
_ROBOTS = """\
# Pages say themselves whether they may be listed (X-Robots-Tag): rooms that anybody may ask to join, and nothing else.
User-agent: *
Disallow:
"""

Answer = Callable[[Request, Search], Awaitable[Response]]


def _counted(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that is limited by client; programs get plain text if there is nothing else."""

    async def answer_counted(request: Request) -> Response:
        client = request.client.host if request.client else ""
        if until := site_of(request).meter.count_reading(client):
            return PlainTextResponse(_TOO_OFTEN, 429, {"retry-after": format_datetime(until, usegmt=True)})
        try:
            return await answer(request, read_search(request.query_params))
        except UnavailableError:
            return PlainTextResponse(_AWAY, 503, {"retry-after": "600"})

    return answer_counted


async def atom(request: Request, search: Search) -> Response:
    """Return the newest public rooms as Atom."""
    entered = atom_of(await _feed(request, search, "rooms.atom"))
    return cached(request, Response(entered, media_type="application/atom+xml"), seconds=KEPT_SECONDS)


async def json_feed(request: Request, search: Search) -> Response:
    """Return the newest public rooms as JSON Feed."""
    entered = json_of(await _feed(request, search, "rooms.json"))
    return cached(request, Response(entered, media_type="application/feed+json"), seconds=KEPT_SECONDS)


async def calendar(request: Request, search: Search) -> Response:
    """Return the dates of public rooms for calendar programs, each in the zone of its room."""
    site, localizer = site_of(request), localizer_of(request)

    async def ask() -> Sequence[PublicDate]:
        return await public_dates(site, search.query)

    dates = await site.recent.get(_key("dates", search), ask)
    urls = {each.room.room_id: _room_url(request, each.room.room_id) for each in dates}
    entered = feed_of(
        [each.entry for each in dates],
        zone=None,
        stamp=datetime.now(UTC),
        name=words_of("feed-sessions", localizer),
        public_urls=urls,
    )
    response = Response(entered, media_type="text/calendar")
    response.headers["content-disposition"] = 'inline; filename="sessions.ics"'
    response.headers["content-language"] = localizer.language
    return cached(request, response, seconds=KEPT_SECONDS, tag=tag_of(entered))


async def robots(request: Request) -> Response:
    """Return what robots may fetch: everything, since each answer says whether it may be listed."""
    return cached(request, PlainTextResponse(_ROBOTS), seconds=60 * MINUTES)


async def _feed(request: Request, search: Search, name: str) -> Feed:
    site, localizer = site_of(request), localizer_of(request)

    async def ask() -> Sequence[RoomFound]:
        return await newest_rooms(site, search.query)

    rooms = await site.recent.get(_key("rooms", search), ask)
    parameters = search.from_start() | ({"lang": localizer.language} if asked_language(request) else {})
    query = f"?{urlencode(parameters)}" if parameters else ""
    return Feed(
        title=words_of("feed-rooms", localizer),
        url=f"{site.pages_url}/{name}{query}",
        home=f"{site.pages_url}/{query}",
        language=localizer.language,
        entries=[_entry(request, each, localizer) for each in rooms],
    )


def _entry(request: Request, room: RoomFound, localizer: Localizer) -> FeedEntry:
    local = in_zone_of(localizer, None, zone=room.time_zone)
    return FeedEntry(
        id=room.room_id.urn,
        url=_room_url(request, room.room_id),
        title=room.title,
        summary=room.purpose or "",
        text=words_of("feed-room", local, room=room),
        published_at=room.published_at or datetime.fromtimestamp(0, UTC),
        language=room.language,
        tags=[each for each in (room.domain, room.format, room.mode) if each],
    )


def _room_url(request: Request, room_id: object) -> str:
    asked = asked_language(request)
    return f"{site_of(request).pages_url}/room/{room_id}{f'?lang={asked}' if asked else ''}"


def _key(kind: str, search: Search) -> str:
    return f"{kind} {search.query.model_dump_json()}"


ROUTES = [
    Route("/rooms.atom", _counted(atom), methods=["GET"]),
    Route("/rooms.json", _counted(json_feed), methods=["GET"]),
    Route("/sessions.ics", _counted(calendar), methods=["GET"]),
    Route("/robots.txt", robots, methods=["GET"]),
]
