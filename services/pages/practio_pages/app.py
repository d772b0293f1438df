"""The site as a whole: its routes, what happens when something is wrong, and the process that serves it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from practio_chassis.http_server import Server, stop_requested
from practio_chassis.telemetry.health import release_of
from practio_pages.counting import Counting, page_at
from practio_pages.forms import Forms
from practio_pages.gateway import Desk
from practio_pages.guard import Guard
from practio_pages.pages import (
    error_pages,
    link_page,
    membership_page,
    my_rooms,
    preferences_page,
    request_page,
    requests_page,
    room_page,
    search_page,
    unsubscribe_page,
)
from practio_pages.rendering import STYLE
from practio_pages.settings import Settings
from practio_pages.site import Site, site_of
from practio_pages.tracing import Tracing

RELEASE = release_of("pages")
PAGES = (
    *search_page.ROUTES,
    *room_page.ROUTES,
    *link_page.ROUTES,
    *my_rooms.ROUTES,
    *request_page.ROUTES,
    *membership_page.ROUTES,
    *requests_page.ROUTES,
    *preferences_page.ROUTES,
    *unsubscribe_page.ROUTES,
)


async def livez(_request: Request) -> Response:
    """Say that the process runs."""
    return JSONResponse({"alive": True})


async def readyz(request: Request) -> Response:
    """Say whether the broker is there now, and of which release this is."""
    there = site_of(request).desk.is_open
    return JSONResponse({"broker": there, "ready": there, "version": RELEASE}, 200 if there else 503)


async def metrics(_request: Request) -> Response:
    """Give what was measured, at the very address that Prometheus asks: a mount would send it on."""
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


async def style(_request: Request) -> Response:
    """Give the one style sheet; its address changes with it."""
    return Response(STYLE, media_type="text/css", headers={"cache-control": "public, max-age=31536000, immutable"})


def make_app(site: Site) -> Starlette:
    """Make the site; it holds the desk's connection for as long as it runs."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        working = asyncio.create_task(site.desk.work())
        yield
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    pages = {page_at(page.path) for page in PAGES}
    app = Starlette(
        routes=[
            *PAGES,
            Route("/style.css", style),
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
        ],
        middleware=[
            Middleware(Counting, pages=pages),
            Middleware(Tracing, pages=pages),
            Middleware(Guard, secure=site.pages_url.startswith("https:")),
        ],
        exception_handlers=error_pages.HANDLERS,
        lifespan=lifespan,
    )
    app.state.site = site
    return app


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises OSError where the port is taken."""
    listening = socket.create_server((settings.http_host, settings.http_port))
    site = Site(
        links=settings.links,
        forms=Forms(settings.keys),
        desk=Desk(settings.broker_url.get_secret_value()),
        pages_url=settings.pages_url,
        meter=settings.meter,
    )
    config = uvicorn.Config(
        make_app(site), log_config=None, access_log=False, server_header=False, forwarded_allow_ips=settings.proxies
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(stop_requested().wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
