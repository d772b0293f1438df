"""Health over HTTP: whether something listens where the broker should."""

import asyncio
from contextlib import suppress
from typing import Any

from yarl import URL

from practio_chassis.telemetry.health import release_of

_PORTS = {"amqp": 5672, "amqps": 5671}
_CONNECT_SECONDS = 2.0


async def readiness(broker_address: str) -> dict[str, Any]:
    """Return whether something listens where the broker should; the gateway has no account of its own."""
    there = await _listens(URL(broker_address))
    return {"broker": there, "ready": there, "version": release_of("gateway")}


async def _listens(broker: URL) -> bool:
    with suppress(OSError):  # a timeout is one
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(broker.host, broker.port or _PORTS[broker.scheme])
        writer.close()
        return True
    return False
