"""The site as a whole: its routes, its error pages, and the process that serves it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_chassis.telemetry.health import release_of, routes
from practio_chassis.telemetry.requests import Counting
from practio_chassis.web.http_server import listen, serve_until_stopped
from practio_pages.forms import Forms
from practio_pages.gateway import Gateway
from practio_pages.guard import Guard
from practio_pages.page_metrics import REQUESTS, known_page, page_at
from practio_pages.pages import (
    announce_page,
    attendance_page,
    calendar_page,
    care_page,
    certificate_page,
    check_in_page,
    concern_page,
    concerns_page,
    copy_page,
    desk_page,
    desk_people_page,
    desk_person_page,
    desk_sessions_page,
    error_pages,
    feedback_page,
    feeds_page,
    introduce_page,
    invite_page,
    join_page,
    leaving_page,
    link_page,
    membership_page,
    my_rooms_page,
    note_change_page,
    notes_page,
    offices_page,
    own_data_page,
    person_step_page,
    preferences_page,
    publish_page,
    report_page,
    requests_page,
    revise_room_page,
    role_exchange_page,
    room_life_page,
    room_page,
    schedule_sessions_page,
    search_page,
    second_room_page,
    session_change_page,
    session_code_page,
    session_page,
    session_plan_page,
    sponsor_page,
    start_page,
    thanks_page,
    unsubscribe_page,
    verify_page,
)
from practio_pages.rendering import STYLE
from practio_pages.settings import Settings
from practio_pages.site import Site
from practio_pages.tracing import Tracing

RELEASE = release_of("pages")
PAGES = (
    *search_page.ROUTES,
    *room_page.ROUTES,
    *feeds_page.ROUTES,
    *link_page.ROUTES,
    *introduce_page.ROUTES,
    *my_rooms_page.ROUTES,
    *care_page.ROUTES,
    *join_page.ROUTES,
    *membership_page.ROUTES,
    *concern_page.ROUTES,
    *certificate_page.ROUTES,
    *verify_page.ROUTES,
    *session_page.ROUTES,
    *session_plan_page.ROUTES,
    *attendance_page.ROUTES,
    *session_code_page.ROUTES,
    *check_in_page.ROUTES,
    *feedback_page.ROUTES,
    *desk_page.ROUTES,
    *revise_room_page.ROUTES,
    *desk_sessions_page.ROUTES,
    *schedule_sessions_page.ROUTES,
    *session_change_page.ROUTES,
    *announce_page.ROUTES,
    *copy_page.ROUTES,
    *second_room_page.ROUTES,
    *desk_people_page.ROUTES,
    *invite_page.ROUTES,
    *role_exchange_page.ROUTES,
    *desk_person_page.ROUTES,
    *person_step_page.ROUTES,
    *notes_page.ROUTES,
    *note_change_page.ROUTES,
    *thanks_page.ROUTES,
    *concerns_page.ROUTES,
    *offices_page.ROUTES,
    *report_page.ROUTES,
    *room_life_page.ROUTES,
    *sponsor_page.ROUTES,
    *start_page.ROUTES,
    *publish_page.ROUTES,
    *requests_page.ROUTES,
    *own_data_page.ROUTES,
    *leaving_page.ROUTES,
    *calendar_page.ROUTES,
    *preferences_page.ROUTES,
    *unsubscribe_page.ROUTES,
)
PAGE_NAMES = frozenset(page_at(page.path) for page in PAGES)


async def readiness(site: Site) -> dict[str, Any]:
    """Return whether the broker is connected and lets pages publish (``blocked``: it does not), and the release."""
    there, blocked = site.gateway.is_open, await site.gateway.is_blocked()
    return {"broker": there, "blocked": blocked, "ready": there and not blocked, "version": RELEASE}


async def style(_request: Request) -> Response:
    """Return the style sheet; its address changes with its content."""
    return Response(STYLE, media_type="text/css", headers={"cache-control": "public, max-age=31536000, immutable"})


STYLE_SHEET = Route("/style.css", style)


def make_app(site: Site) -> Starlette:
    """Build the site; it holds the gateway's connection for as long as it runs."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        connection = asyncio.create_task(site.gateway.stay_connected())
        yield
        connection.cancel()
        with suppress(asyncio.CancelledError):
            await connection

    app = Starlette(
        routes=[
            *PAGES,
            STYLE_SHEET,
            *(Route(path, answering) for path, answering in routes(lambda: readiness(app.state.site))),
        ],
        middleware=[
            Middleware(Counting, requests=REQUESTS, name_of=partial(known_page, pages=PAGE_NAMES)),
            Middleware(Tracing, pages=PAGE_NAMES),
            Middleware(Guard, secure=site.pages_url.startswith("https:"), too_large=error_pages.too_large),
        ],
        exception_handlers=error_pages.HANDLERS,
        lifespan=lifespan,
    )
    app.state.site = site
    return app


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raise CannotListenError."""
    listening = listen(settings.http_host, settings.http_port)
    site = Site(
        links=settings.links,
        forms=Forms(settings.keys),
        gateway=Gateway(settings.broker_url.get_secret_value()),
        pages_url=settings.pages_url,
        meter=settings.meter,
        may_start=settings.start_rooms == "everybody",
        introduces=settings.self_introduction == "confirmed",
    )
    await serve_until_stopped(make_app(site), listening, proxies=settings.proxies)
