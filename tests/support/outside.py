"""An outside system: it has an AMQP library and contracts.md, and imports nothing of Practio."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from tests.support.eventually import eventually
from tests.support.wishes import Data, new_id

COMMANDS, QUERIES, DIRECTORY = "practio.commands", "practio.queries", "practio.directory"
CONTENT_TYPE = "application/cloudevents+json"
REPLY_TO = "amq.rabbitmq.reply-to"

# What a broker that goes away does to whoever talks with it.
BROKEN = (aio_pika.exceptions.AMQPError, aio_pika.exceptions.ChannelInvalidStateError, OSError, TimeoutError)


class Outside:
    """One outside account at work: it speaks with confirms, asks over direct reply-to and hears its own queue.

    What it cannot place, since the broker is away, it says again with the same id until it is confirmed.
    """

    def __init__(self, url: str, queue: str, *, source: str = "https://directory.example.org") -> None:
        self.account = urlsplit(url).username or ""
        self.source = source
        self.said: dict[str, Data] = {}
        self.confirmed: dict[str, Data] = {}
        self.people: dict[str, Data] = {}
        self.answers: dict[str, list[Data]] = defaultdict(list)
        self.facts: dict[str, list[Data]] = defaultdict(list)
        self._url = url
        self._queue = queue
        self._sequences: dict[str, int] = defaultdict(int)
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
        """Give a CloudEvent of this system around ``data``."""
        return {
            "specversion": "1.0",
            "id": new_id(),
            "source": self.source,
            "type": f"practio.{routing_key}",
            "time": datetime.now(UTC).isoformat(),
            "data": data,
            **attributes,
        }

    async def register(self, person: Data) -> str:
        """Say who a person is (``people.person-registered.v1``); gives the person's id."""
        self.people[person["person_id"]] = person
        await self.say("people.person-registered.v1", person)
        return str(person["person_id"])

    async def say(self, routing_key: str, data: Data) -> Data:
        """Say a fact of people; gives the envelope that was confirmed."""
        person_id = data["person_id"]
        self._sequences[person_id] += 1
        event = self.envelope(routing_key, data, subject=person_id, sequence=str(self._sequences[person_id]))
        await self.publish(DIRECTORY, event)
        return event

    async def wish(self, routing_key: str, data: Data, *, actor: str, id: str | None = None) -> Data:  # noqa: A002
        """Say a command and give the answer's data; while no answer comes, say it again with the same id."""
        event = self.envelope(routing_key, data, actor=actor, id=id or new_id())
        return await self.answer_to(event, exchange=COMMANDS)

    async def ask(self, routing_key: str, data: Data, *, actor: str) -> Data:
        """Say a query and give the answer's data."""
        return await self.answer_to(self.envelope(routing_key, data, actor=actor), exchange=QUERIES)

    async def answer_to(self, event: Data, *, exchange: str, within: float = 60.0) -> Data:
        """Publish ``event`` until it is answered; gives the data of the first new answer."""
        before = len(self.answers[event["id"]])
        async with asyncio.timeout(within):
            while True:
                await self.publish(exchange, event)
                with suppress(AssertionError):
                    await eventually(lambda: len(self.answers[event["id"]]) > before, within=10)
                    data: Data = self.answers[event["id"]][before]["data"]
                    return data

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
        assert self._speaking is not None
        usual: Data = {
            "content_type": CONTENT_TYPE,
            "delivery_mode": 2,
            "user_id": self.account,
            "message_id": id,
            "correlation_id": id,
            "reply_to": REPLY_TO,
        }
        message = aio_pika.Message(body, **(usual | properties))
        target = await self._speaking.get_exchange(exchange, ensure=False)
        await target.publish(message, routing_key, mandatory=False)

    async def hears(self, routing_key: str, *, within: float = 20.0, **fields: Any) -> Data:
        """Wait for a fact whose data, or snapshot in it, has these fields; gives its envelope."""

        def found() -> Data | None:
            return next((fact for fact in self.facts[routing_key] if _has(fact["data"], fields)), None)

        return await eventually(found, within=within, saying=lambda: f"{routing_key} with {fields} was not heard")

    def all_facts(self) -> Iterator[Data]:
        """Give every fact heard, in whatever order."""
        return (fact for facts in list(self.facts.values()) for fact in facts)

    def _is_connected(self) -> bool:
        return self._speaking is not None and not self._speaking.is_closed

    async def _keep_line(self) -> None:
        while True:
            with suppress(*BROKEN):
                async with await aio_pika.connect(self._url, timeout=5) as connection:
                    self._speaking = await self._open(connection)
                    await self._speaking.closed()
            await asyncio.sleep(0.1)

    async def _open(self, connection: AbstractConnection) -> AbstractChannel:
        listening = await connection.channel()
        await listening.set_qos(prefetch_count=1000)
        queue = await listening.get_queue(self._queue, ensure=False)
        await queue.consume(self._take_fact)
        speaking = await connection.channel()
        replies = await speaking.get_queue(REPLY_TO, ensure=False)
        await replies.consume(self._take_answer, no_ack=True)
        return speaking

    async def _take_answer(self, message: AbstractIncomingMessage) -> None:
        self.answers[message.correlation_id or ""].append(json.loads(message.body))

    async def _take_fact(self, message: AbstractIncomingMessage) -> None:
        fact = json.loads(message.body)
        self.facts[fact["type"].removeprefix("practio.")].append(fact)
        with suppress(*BROKEN):
            await message.ack()


def _has(data: Data, fields: Data) -> bool:
    parts = [data, *(part for name in ("membership", "room", "about") if isinstance(part := data.get(name), dict))]
    return all(any(part.get(name) == value for part in parts) for name, value in fields.items())
