"""The gateway as a whole: its addresses, and the process that serves them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_chassis.telemetry.health import routes
from practio_chassis.telemetry.requests import Counting
from practio_chassis.web.http_server import listen, serve_until_stopped
from practio_gateway.binding import PATHS
from practio_gateway.connections import AccountConnections
from practio_gateway.counting import REQUESTS, kind_of
from practio_gateway.faults import HttpFault
from practio_gateway.health import readiness
from practio_gateway.receiving import Receiver
from practio_gateway.responses import fault_response
from practio_gateway.settings import Settings

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""The headers of every response."""


async def no_such_address(_request: Request, error: Exception) -> Response:
    """Answer a request that no route takes, in the form of all faults."""
    assert isinstance(error, HTTPException)
    detail = f"POST a message to {', '.join(PATHS)}."
    return fault_response(
        HttpFault(status=error.status_code, code="no-such-address", detail=detail, headers=dict(error.headers or {}))
    )


async def broken(_request: Request, _error: Exception) -> Response:
    """Answer a request that broke the gateway; the log has the error."""
    detail = "The gateway failed, and it may still be done: send the same message again, with the same id."
    return fault_response(HttpFault(status=500, code="failed", detail=detail))


def make_app(receiver: Receiver, connections: AccountConnections, *, broker_address: str) -> Starlette:
    """Build the gateway; it closes idle connections for as long as it runs, and all of them at its end."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(connections.sweep())
        yield
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping

    health = (Route(path, answering) for path, answering in routes(partial(readiness, broker_address)))
    return Starlette(
        routes=[*(Route(path, receiver.take, methods=["POST"]) for path in PATHS), *health],
        middleware=[Middleware(Counting, requests=REQUESTS, name_of=kind_of, headers=_HEADERS)],
        exception_handlers={HTTPException: no_such_address, 500: broken},
        lifespan=lifespan,
    )


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raise CannotListenError."""
    listening = listen(settings.http_host, settings.http_port)
    connections = AccountConnections(settings.broker_address, most=settings.connections)
    receiver = Receiver(connections, settings.meter, answer_seconds=settings.answer_seconds)
    app = make_app(receiver, connections, broker_address=settings.broker_address)
    await serve_until_stopped(app, listening, proxies=settings.proxies)
