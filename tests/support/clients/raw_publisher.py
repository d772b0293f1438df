"""An account that publishes CloudEvents to the broker, with nothing but an AMQP library."""

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
from tests.support.clients.raw_properties import RawProperties
from tests.support.eventually import eventually

CONTENT_TYPE = "application/cloudevents+json"

# The errors of clients whose broker is down.
BROKEN = aio_pika.exceptions.CONNECTION_EXCEPTIONS


class RawPublisher:
    """Publishes with confirms; while the broker is down, it publishes again until a message is confirmed.

    ``other_urls`` are the URLs of other nodes of the same broker, which it tries in turn.
    """

    def __init__(self, url: str, *, source: str, other_urls: Sequence[str] = ()) -> None:
        self.account = urlsplit(url).username or ""
        self.source = source
        self.published: dict[str, Data] = {}
        self.confirmed: dict[str, Data] = {}
        self._urls = (url, *other_urls)
        self._channel: AbstractChannel | None = None

    async def __aenter__(self) -> Self:
        self._connecting = asyncio.create_task(self._keep_connected())
        await eventually(self._is_connected, message=f"{self.account} connects")
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._connecting.cancel()
        with suppress(asyncio.CancelledError):
            await self._connecting

    def envelope(self, routing_key: str, data: Data, **attributes: Any) -> Data:
        """Return a CloudEvent of this source around ``data``."""
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
        self.published[event["id"]] = event
        body = json.dumps(event).encode()
        while True:
            try:
                async with asyncio.timeout(10):
                    await self.publish_raw(exchange, event["type"].removeprefix("practio."), body, id=event["id"])
                self.confirmed[event["id"]] = event
                return
            except BROKEN:
                pass
            except Exception as error:
                if type(error) is not Exception:  # which is what aiormq raises where its writer was waited for
                    raise
            await eventually(self._is_connected, within=60, message=f"{self.account} connects again")

    async def publish_raw(self, exchange: str, routing_key: str, body: bytes, *, id: str, **properties: Any) -> None:  # noqa: A002
        """Publish these very bytes, once, and wait for the confirm; ``properties`` replace the usual ones."""
        if self._channel is None:
            raise ConnectionError(f"{self.account} is not connected")
        message = aio_pika.Message(body, **(self._usual_properties(id) | properties))
        target = await self._channel.get_exchange(exchange, ensure=False)
        await target.publish(message, routing_key, mandatory=False)

    async def publish_with_properties(
        self, exchange: str, routing_key: str, body: bytes, properties: RawProperties
    ) -> None:
        """Publish a body with properties that no library would write, once, and wait for the confirm."""
        assert self._channel is not None
        underlay = await self._channel.get_underlay_channel()
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
        return self._channel is not None and not self._channel.is_closed

    async def _keep_connected(self) -> None:
        for url in itertools.cycle(self._urls):
            with suppress(*BROKEN):
                async with await aio_pika.connect(url, timeout=5) as connection:
                    self._channel = await self._open(connection)
                    await self._channel.closed()
            self._channel = None
            await asyncio.sleep(0.1)

    async def _open(self, connection: AbstractConnection) -> AbstractChannel:
        """Return the channel to publish on."""
        return await connection.channel()
