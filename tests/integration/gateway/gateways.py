"""A gateway in this process, in front of the real broker."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from tests.integration.contracts.vhost import ACCOUNT, PASSWORD

from practio_gateway.app import make_app
from practio_gateway.connections import AccountConnections
from practio_gateway.rates import RequestMeter
from practio_gateway.receiving import Receiver


@dataclass(frozen=True)
class Caller:
    """Somebody who calls the gateway over HTTP, with the connections of the gateway to the broker."""

    http: httpx.AsyncClient
    connections: AccountConnections

    async def post(
        self, path: str, event: Mapping[str, Any], *, login: tuple[str, str] = (ACCOUNT, PASSWORD)
    ) -> httpx.Response:
        """Send a message in structured mode."""
        headers = {"content-type": "application/cloudevents+json"}
        return await self.http.post(path, content=json.dumps(event), headers=headers, auth=login)


@asynccontextmanager
async def a_gateway(
    url: str,
    *,
    answer_seconds: float = 10,
    most: int = 10,
    connections: AccountConnections | None = None,
    failures: str = "3 per minute",
) -> AsyncIterator[Caller]:
    """Run a gateway in front of the broker at ``url``, whose login it does not use."""
    parts = urlsplit(url)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    connections = AccountConnections(address, most=most) if connections is None else connections
    meter = RequestMeter(client="1000 per minute", account="1000 per minute", failures=failures, at_once=200)
    receiver = Receiver(connections, meter, answer_seconds=answer_seconds)
    app = make_app(receiver, connections, broker_address=address)
    sweeping = asyncio.create_task(connections.sweep())
    transport = httpx.ASGITransport(app, client=("192.0.2.1", 1))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=60) as http:
            yield Caller(http, connections)
    finally:
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
    assert len(connections) == 0
