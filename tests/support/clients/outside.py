"""An outside system: it has an AMQP library and contracts/README.md, and imports nothing of Practio."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from tests.support.clients.commands import Data, new_id
from tests.support.clients.raw_publisher import BROKEN, RawPublisher
from tests.support.eventually import eventually

COMMANDS, QUERIES, DIRECTORY = "practio.commands", "practio.queries", "practio.directory"
REPLY_TO = "amq.rabbitmq.reply-to"
AGAIN_SECONDS = 10.0
"""How long an answer may take before the message is published again, with the same id."""


class OutsideSystem(RawPublisher):
    """One outside account at work: it sends commands and queries over direct reply-to, and consumes its own queue."""

    def __init__(
        self, url: str, queue: str, *, source: str = "https://directory.example.org", other_urls: Sequence[str] = ()
    ) -> None:
        super().__init__(url, source=source, other_urls=other_urls)
        self.people: dict[str, Data] = {}
        self.answers: dict[str, list[Data]] = defaultdict(list)
        self.events: dict[str, list[Data]] = defaultdict(list)
        self._queue = queue
        self._sequences: dict[str, int] = defaultdict(int)

    async def register(self, person: Data) -> str:
        """Publish a person (``people.person-registered.v1``); return the person's id."""
        self.people[person["person_id"]] = person
        await self.publish_event("people.person-registered.v1", person)
        return str(person["person_id"])

    async def publish_event(self, routing_key: str, data: Data) -> Data:
        """Publish an event of people; return the confirmed envelope."""
        person_id = data["person_id"]
        self._sequences[person_id] += 1
        event = self.envelope(routing_key, data, subject=person_id, sequence=str(self._sequences[person_id]))
        await self.publish(DIRECTORY, event)
        return event

    async def send(self, routing_key: str, data: Data, *, actor: str, id: str | None = None) -> Data:  # noqa: A002
        """Send a command and return the answer's data; while no answer comes, publish it again with the same id."""
        event = self.envelope(routing_key, data, actor=actor, id=id or new_id())
        return await self.answer_to(event, exchange=COMMANDS)

    async def query(self, routing_key: str, data: Data, *, actor: str) -> Data:
        """Send a query and return the answer's data."""
        return await self.answer_to(self.envelope(routing_key, data, actor=actor), exchange=QUERIES)

    async def answer_to(self, event: Data, *, exchange: str, within: float = 90.0) -> Data:
        """Publish ``event`` until it is answered; return the data of the first new answer."""
        answers = self.answers[event["id"]]
        before = len(answers)
        try:
            async with asyncio.timeout(within):
                while len(answers) == before:
                    await self.publish(exchange, event)
                    with suppress(AssertionError):
                        await eventually(lambda: len(answers) > before, within=AGAIN_SECONDS)
        except TimeoutError:
            raise AssertionError(f"not within {within:g} s: an answer to {event['type']} {event['data']}") from None
        data: Data = answers[before]["data"]
        return data

    async def receives(self, routing_key: str, *, within: float = 20.0, **fields: Any) -> Data:
        """Wait for an event with these fields in its data or its snapshot; return its envelope."""

        def found() -> Data | None:
            return next((event for event in self.events[routing_key] if _has(event["data"], fields)), None)

        return await eventually(found, within=within, message=lambda: f"{routing_key} with {fields} was not received")

    def all_events(self) -> Iterator[Data]:
        """Return every event received, in no particular order."""
        return (event for events in list(self.events.values()) for event in events)

    def _usual_properties(self, identity: str) -> Data:
        return super()._usual_properties(identity) | {"reply_to": REPLY_TO}

    async def _open(self, connection: AbstractConnection) -> AbstractChannel:
        event_channel = await connection.channel()
        await event_channel.set_qos(prefetch_count=1000)
        queue = await event_channel.get_queue(self._queue, ensure=False)
        await queue.consume(self._take_event)
        command_channel = await super()._open(connection)
        replies = await command_channel.get_queue(REPLY_TO, ensure=False)
        await replies.consume(self._take_answer, no_ack=True)
        return command_channel

    async def _take_answer(self, message: AbstractIncomingMessage) -> None:
        self.answers[message.correlation_id or ""].append(json.loads(message.body))

    async def _take_event(self, message: AbstractIncomingMessage) -> None:
        event = json.loads(message.body)
        self.events[event["type"].removeprefix("practio.")].append(event)
        with suppress(*BROKEN):
            await message.ack()


_SNAPSHOTS = ("membership", "room", "session", "about")


def _has(data: Data, fields: Data) -> bool:
    parts = [data, *(part for name in _SNAPSHOTS if isinstance(part := data.get(name), dict))]
    return all(any(part.get(name) == value for part in parts) for name, value in fields.items())
