"""Outside clients that keep requesting, withdrawing and deciding, each in its own rooms with its own books."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from tests.campaign.answers import AnswerBook
from tests.campaign.order import OrderBook
from tests.support.clients.actions import ACCEPT, APPROVE, REQUEST, WITHDRAW, OpenRoom, a_published_room
from tests.support.clients.commands import Data, a_person, about, new_id
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.clients.raw_publisher import BROKEN
from tests.support.oracles.ledger import room_of

DECLINE = "membership.decline-offer.v1"
SEATS = 4
ROOMS: Sequence[Data] = (
    {"policy": "open"},
    {"policy": "open", "waitlist": {"enabled": True, "promotion": "automatic"}},
    {"policy": "approval"},
)
"""A client's rooms, each of four seats."""

WORKERS = 4
PAUSE_SECONDS = 0.5
"""The mean time between two steps of a worker: the machine is to have time for the faults."""

READERS = 0.15
"""The share of people who are registered, and get letters; where requests are approved, all are (the ledger's rule)."""

CROWD = 40
"""How many people of a room are remembered, to act again."""


class CampaignClient(OutsideSystem):
    """An outside system that keeps, of all the events that it receives, those about its rooms and commands.

    ``pairs`` are requests, by their ids, each with the withdrawal that was published once the request was confirmed.
    ``answer_book`` knows which answers are owed to it.
    """

    def __init__(self, url: str, account: str) -> None:
        super().__init__(url, f"outside.{account}", source=f"https://{account}.example.org")
        self.order = OrderBook()
        self.answer_book = AnswerBook()
        self.rooms: set[str] = set()
        self.pairs: dict[str, str] = {}

    async def publish_raw(self, exchange: str, routing_key: str, body: bytes, *, id: str, **properties: Any) -> None:  # noqa: A002
        """Publish as any client, and note that a command owes an answer."""
        connection = self.answer_book.connection
        await super().publish_raw(exchange, routing_key, body, id=id, **properties)
        if exchange == COMMANDS:
            self.answer_book.published(id, connection)

    async def _open(self, connection: AbstractConnection) -> AbstractChannel:
        self.answer_book.connected()
        return await super()._open(connection)

    async def _take_answer(self, message: AbstractIncomingMessage) -> None:
        self.answer_book.answered(message.correlation_id or "")
        await super()._take_answer(message)

    async def _take_event(self, message: AbstractIncomingMessage) -> None:
        event = json.loads(message.body)
        if room_of(event) in self.rooms or event.get("correlationid") in self.published:
            self.events[event["type"].removeprefix("practio.")].append(event)
            if "sequence" in event:
                self.order.arrived(event)
        with suppress(*BROKEN):
            await message.ack()


@dataclass
class ClientWork:
    """The work of one client; ``steps`` counts it."""

    client: CampaignClient
    chance: random.Random
    rooms: Sequence[OpenRoom] = ()
    steps: int = 0

    async def open_rooms(self) -> None:
        """Close the books, and begin again in new rooms."""
        client = self.client
        for books in (client.published, client.confirmed, client.answers, client.events, client.people, client.pairs):
            books.clear()
        client.rooms.clear()
        client.order.forget()
        client.answer_book.forget()
        self.rooms = [await self._open_room(fields) for fields in ROOMS]
        self._crowds: dict[str, list[str]] = {room.room_id: [] for room in self.rooms}
        self._is_approved = {
            room.room_id: fields["policy"] == "approval" for room, fields in zip(self.rooms, ROOMS, strict=True)
        }
        self._pairs: set[str] = set()

    async def go_on(self, over: asyncio.Event) -> None:
        """Work until it is ``over``; whatever fails is left to the books."""
        await asyncio.gather(*(self._work(over) for _ in range(WORKERS)))

    async def _open_room(self, fields: Data) -> OpenRoom:
        room_id = new_id()
        self.client.rooms.add(room_id)
        host = await self.client.register(a_person("Host"))
        return await a_published_room(self.client, host=host, room_id=room_id, capacity=SEATS, **fields)

    async def _work(self, over: asyncio.Event) -> None:
        while not over.is_set():
            step = self.chance.choices([each for each, _ in _STEPS], [weight for _, weight in _STEPS])[0]
            with suppress(AssertionError):  # no answer or no connection in time: the books will tell
                await step(self, self.chance.choice(self.rooms))
            self.steps += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(self.chance.expovariate(1 / PAUSE_SECONDS)):
                    await over.wait()

    async def _requests(self, room: OpenRoom) -> None:
        person = await self._somebody(room)
        await self._publish_or_send(REQUEST, room, person, actor=person)

    async def _requests_and_withdraws(self, room: OpenRoom) -> None:
        """The second command must find what the first one did, however far apart the two are handled."""
        person = await self._somebody(room)
        self._pairs.add(person)
        self._crowds[room.room_id].remove(person)
        request = await self._publish(REQUEST, room, person, actor=person)
        self.client.pairs[request] = await self._publish(WITHDRAW, room, person, actor=person)

    async def _withdraws(self, room: OpenRoom) -> None:
        if crowd := self._crowds[room.room_id]:
            person = crowd.pop(self.chance.randrange(len(crowd)))
            await self._publish_or_send(WITHDRAW, room, person, actor=person)

    async def _decides(self, room: OpenRoom) -> None:
        if crowd := self._crowds[room.room_id]:
            await self._publish_or_send(APPROVE, room, self.chance.choice(crowd), actor=room.host)

    async def _answers_an_offer(self, room: OpenRoom) -> None:
        offers = [each for each in self.client.events["membership.seat-offered.v1"] if room_of(each) == room.room_id]
        for offer in offers[-2:]:
            person = offer["data"]["membership"]["person_id"]
            if person not in self._pairs:
                await self._publish_or_send(self.chance.choice([ACCEPT, ACCEPT, DECLINE]), room, person, actor=person)

    async def _asks(self, room: OpenRoom) -> None:
        await self.client.query("membership.get-roster.v1", {"room_id": room.room_id}, actor=room.host)
        await self.client.query("rooms.search-rooms.v1", {"text": "school heads", "limit": 5}, actor=room.host)

    async def _somebody(self, room: OpenRoom) -> str:
        person = new_id()
        if self._is_approved[room.room_id] or self.chance.random() < READERS:
            await self.client.register(a_person(person_id=person))
        crowd = self._crowds[room.room_id]
        crowd.append(person)
        del crowd[:-CROWD]
        return person

    async def _publish_or_send(self, command: str, room: OpenRoom, person: str, *, actor: str) -> None:
        """Half of the commands wait for their answer, and are published again without one."""
        if self.chance.random() < 0.5:
            await self.client.send(command, about(room.room_id, person), actor=actor)
        else:
            await self._publish(command, room, person, actor=actor)

    async def _publish(self, command: str, room: OpenRoom, person: str, *, actor: str) -> str:
        event = self.client.envelope(command, about(room.room_id, person), actor=actor)
        await self.client.publish(COMMANDS, event)
        return str(event["id"])


Step = Callable[[ClientWork, OpenRoom], Awaitable[Any]]

_STEPS: Sequence[tuple[Step, int]] = (
    (ClientWork._requests, 8),
    (ClientWork._requests_and_withdraws, 4),
    (ClientWork._withdraws, 4),
    (ClientWork._decides, 3),
    (ClientWork._answers_an_offer, 3),
    (ClientWork._asks, 2),
)
