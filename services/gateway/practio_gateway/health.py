"""Health over HTTP: liveness, readiness, metrics."""

import asyncio
from contextlib import suppress

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from yarl import URL

from practio_chassis.telemetry.health import release_of

_PORTS = {"amqp": 5672, "amqps": 5671}
_CONNECT_SECONDS = 2.0


async def livez(_request: Request) -> Response:
    """Answer that the process runs."""
    return JSONResponse({"alive": True})


async def readyz(request: Request) -> Response:
    """Answer whether something listens where the broker should; the gateway has no account of its own."""
    there = await _listens(URL(request.app.state.broker_address))
    found = {"broker": there, "ready": there, "version": release_of("gateway")}
    return JSONResponse(found, 200 if there else 503)


async def metrics(_request: Request) -> Response:
    """Return all metrics at the exact path that Prometheus scrapes."""
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


ROUTES = (Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics))


async def _listens(broker: URL) -> bool:
    with suppress(OSError):  # a timeout is one
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(broker.host, broker.port or _PORTS[broker.scheme])
        writer.close()
        return True
    return False
