"""An account that speaks on the broker in CloudEvents, with nothing but an AMQP library."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from tests.support.clients.commands import Data, new_id
from tests.support.clients.raw_properties import Written
from tests.support.eventually import eventually

CONTENT_TYPE = "application/cloudevents+json"

# What a broker that goes away does to whoever talks with it.
BROKEN = aio_pika.exceptions.CONNECTION_EXCEPTIONS


class Voice:
    """Speaks with confirms; what it cannot place, since the broker is away, it says again until it is confirmed.

    ``besides`` are the URLs of other nodes of the same broker, which it turns to in turn.
    """

    def __init__(self, url: str, *, source: str, besides: Sequence[str] = ()) -> None:
        self.account = urlsplit(url).username or ""
        self.source = source
        self.said: dict[str, Data] = {}
        self.confirmed: dict[str, Data] = {}
        self._urls = (url, *besides)
        self._speaking: AbstractChannel | None = None

    async def __aenter__(self) -> Self:
        self._line = asyncio.create_task(self._keep_line())
        await eventually(self._is_connected, saying=f"{self.account} connects")
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._line.cancel()
        with suppress(asyncio.CancelledError):
            await self._line

    def envelope(self, routing_key: str, data: Data, **attributes: Any) -> Data:
        """Give a CloudEvent of this source around ``data``."""
        return {
            "specversion": "1.0",
            "id": new_id(),
            "source": self.source,
            "type": f"practio.{routing_key}",
            "time": datetime.now(UTC).isoformat(),
            "data": data,
            **attributes,
        }

    async def publish(self, exchange: str, event: Data) -> None:
        """Publish ``event`` until the broker confirms it."""
        self.said[event["id"]] = event
        body = json.dumps(event).encode()
        while True:
            with suppress(*BROKEN):
                async with asyncio.timeout(10):
                    await self.publish_raw(exchange, event["type"].removeprefix("practio."), body, id=event["id"])
                self.confirmed[event["id"]] = event
                return
            await eventually(self._is_connected, within=60, saying=f"{self.account} connects again")

    async def publish_raw(self, exchange: str, routing_key: str, body: bytes, *, id: str, **properties: Any) -> None:  # noqa: A002
        """Publish these very bytes, once, and wait for the confirm; ``properties`` replace the usual ones."""
        if self._speaking is None:
            raise ConnectionError(f"{self.account} is not connected")
        message = aio_pika.Message(body, **(self._usual_properties(id) | properties))
        target = await self._speaking.get_exchange(exchange, ensure=False)
        await target.publish(message, routing_key, mandatory=False)

    async def publish_written(self, exchange: str, routing_key: str, body: bytes, properties: Written) -> None:
        """Publish a body with properties that no library would write, once, and wait for the confirm."""
        assert self._speaking is not None
        underlay = await self._speaking.get_underlay_channel()
        await underlay.basic_publish(body, exchange=exchange, routing_key=routing_key, properties=properties)

    def _usual_properties(self, identity: str) -> Data:
        return {
            "content_type": CONTENT_TYPE,
            "delivery_mode": 2,
            "user_id": self.account,
            "message_id": identity,
            "correlation_id": identity,
        }

    def _is_connected(self) -> bool:
        return self._speaking is not None and not self._speaking.is_closed

    async def _keep_line(self) -> None:
        for url in itertools.cycle(self._urls):
            with suppress(*BROKEN):
                async with await aio_pika.connect(url, timeout=5) as connection:
                    self._speaking = await self._open(connection)
                    await self._speaking.closed()
            self._speaking = None
            await asyncio.sleep(0.1)

    async def _open(self, connection: AbstractConnection) -> AbstractChannel:
        """Give the channel to speak on."""
        return await connection.channel()
