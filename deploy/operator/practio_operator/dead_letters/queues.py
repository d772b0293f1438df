"""The dead letters of the services: looked at, put back into their queue, or dropped (architecture.md, Retrying)."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage, AbstractQueue

from practio_chassis.broker.amqp_decoding import writable
from practio_chassis.broker.objects import NOTHING, one_of
from practio_chassis.broker.topology import DEFAULT_EXCHANGE, commands_queue, dead_queue, events_queue, queries_queue
from practio_chassis.inbound.admission import (
    HEADER_ACCOUNT,
    HEADER_ATTEMPT,
    HEADER_DETAIL,
    HEADER_EXCHANGE,
    HEADER_REASON,
    HEADER_ROUTING_KEY,
    OPERATOR,
)
from practio_chassis.inbound.retry import HEADER_DIED_AT
from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.targets import connection
from practio_operator.together import together

_AT_ONCE = 16  # acknowledgements; from 32 on, RabbitMQ 3.10 lets them wait
_MOST_HANDED_OVER = 65_535  # to one consumer (AMQP 0-9-1, basic.qos)
_PATIENCE_SECONDS = 30.0
_ALL_IN_HAND = 0  # the delivery tag that means all of them (AMQP 0-9-1, basic.nack)
_OURS = (HEADER_REASON, HEADER_DETAIL, HEADER_DIED_AT)
_OF_THE_BROKER = ("x-death", "x-delivery-count", "x-acquired-count")

Heed = Callable[[int], None]
"""Takes how many more letters are done with."""


QUEUES = tuple(queue_of(service) for service in SERVICES for queue_of in (commands_queue, events_queue, queries_queue))
"""The queues of the services; each has its dead letters."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that a service gave up, or that the broker gave up for it."""

    queue: str
    message: AbstractIncomingMessage

    @property
    def id(self) -> str:
        """Give the message's id, or a mark made of its body where it has none."""
        return self.message.message_id or hashlib.sha256(self.message.body).hexdigest()[:16]

    @property
    def routing_key(self) -> str:
        """Give the routing key under which it was first said."""
        return str(self.message.headers.get(HEADER_ROUTING_KEY) or self._death("routing-keys", [""])[0])

    @property
    def reason(self) -> str:
        """Give why it was given up, in a word."""
        return str(self.message.headers.get(HEADER_REASON) or self._death("reason", "unknown"))

    @property
    def detail(self) -> str:
        """Give why it was given up, in a sentence."""
        return str(self.message.headers.get(HEADER_DETAIL) or "given up by the broker")

    @property
    def died_at(self) -> str:
        """Give when it was given up (RFC 3339, UTC)."""
        return str(self.message.headers.get(HEADER_DIED_AT) or self._death("time", ""))

    @property
    def account(self) -> str:
        """Give the account that first said it; empty where it did not say."""
        return str(self.message.headers.get(HEADER_ACCOUNT, self.message.user_id or ""))

    @property
    def content(self) -> Any:
        """Give the body as JSON values, or None where it is no JSON."""
        try:
            return json.loads(self.message.body)
        except (ValueError, RecursionError):
            return None

    def back_again(self) -> aio_pika.Message:
        """Give the message to put back: same body, id and origin, its attempts counted again, said by the operator."""
        kept = {name: value for name, value in self.message.headers.items() if name not in (*_OURS, *_OF_THE_BROKER)}
        origin = {
            HEADER_EXCHANGE: self.message.headers.get(HEADER_EXCHANGE) or self._death("exchange", ""),
            HEADER_ROUTING_KEY: self.routing_key,
            HEADER_ACCOUNT: self.account,
            HEADER_ATTEMPT: 0,
        }
        return aio_pika.Message(
            self.message.body,
            headers=writable(kept) | origin,
            content_type=self.message.content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=self.message.message_id,
            correlation_id=self.message.correlation_id,
            user_id=OPERATOR,
        )

    def _death(self, name: str, otherwise: Any) -> Any:
        deaths: Any = self.message.headers.get("x-death") or []
        return deaths[0].get(name, otherwise) if deaths else otherwise


@asynccontextmanager
async def dead_letters(target: ProvisionTarget) -> AsyncIterator[list[DeadLetter]]:
    """Give all dead letters, oldest first within a queue; while the block runs nobody else sees them.

    Those that were not put back or dropped by its end stay where they were. Raises OperatorError without a broker.
    """
    # A channel's end is answered when all that was said on it has been heard; a connection's end may cut it off.
    async with connection(target.broker_url) as open_connection, open_connection.channel() as channel:
        yield [letter for queue in QUEUES for letter in await _letters_of(channel, queue)]
        # Of a channel that closes, queues hear a moment later: whoever looks next would not see all of them.
        await (await channel.get_underlay_channel()).basic_nack(_ALL_IN_HAND, multiple=True, requeue=True)


async def put_back(target: ProvisionTarget, letters: Sequence[DeadLetter], heed: Heed = lambda _: None) -> None:
    """Put letters back into their queues, a few at a time; they are dead no more once the broker has them there.

    Who is killed between the two leaves a few in both places: put back again, they have no second effect. Raises
    OperatorError where a server says no.
    """
    async with _as_operator(target) as exchange:
        for few in _few_at_a_time(letters):
            await together(*(exchange.publish(letter.back_again(), letter.queue) for letter in few))
            await drop(few, heed)


async def drop(letters: Sequence[DeadLetter], heed: Heed = lambda _: None) -> None:
    """Forget letters for good, and end when their queues have done so.

    A quorum queue has few acknowledgements under way at once; those that wait for it are lost when their channel ends.
    What is got from a queue comes after all that it was told before.
    """
    for few in _few_at_a_time(letters):
        for letter in few:
            await letter.message.ack()
        await few[-1].message.channel.basic_get(dead_queue(few[-1].queue))
        heed(len(few))


def _few_at_a_time(letters: Sequence[DeadLetter]) -> Iterator[Sequence[DeadLetter]]:
    """Part letters, each part of one queue, in their order."""
    for _, of_queue in groupby(letters, key=lambda letter: letter.queue):
        these = list(of_queue)
        yield from (these[start : start + _AT_ONCE] for start in range(0, len(these), _AT_ONCE))


async def _letters_of(channel: AbstractChannel, queue: str) -> list[DeadLetter]:
    """Give what is in a queue: handed over at once as far as its length is known, then one by one, until it is empty.

    The length is that of a moment ago; what is asked for one by one comes after all that the queue was told before.
    """
    dead = await channel.get_queue(dead_queue(queue))
    there = dead.declaration_result.message_count or 0
    letters = [DeadLetter(queue, each) for each in await _handed_over(channel, dead, min(there, _MOST_HANDED_OVER))]
    while message := await dead.get(fail=False):
        letters.append(DeadLetter(queue, message))
    return letters


async def _handed_over(channel: AbstractChannel, dead: AbstractQueue, count: int) -> list[AbstractIncomingMessage]:
    """Give the first ``count`` messages of a queue; fewer where somebody else, who looks at them too, has them."""
    if not count:
        return []
    await channel.set_qos(prefetch_count=_MOST_HANDED_OVER)
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    consumer = await dead.consume(arrived.put)
    messages: list[AbstractIncomingMessage] = []
    with suppress(TimeoutError):
        while len(messages) < count:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                messages.append(await arrived.get())
    await dead.cancel(consumer)
    while not arrived.empty():
        messages.append(arrived.get_nowait())
    return messages


@asynccontextmanager
async def _as_operator(target: ProvisionTarget) -> AsyncIterator[AbstractExchange]:
    """Give the exchange that reaches every queue by name, for the account whose notes of origin services believe.

    The account is there only meanwhile, with a password that nobody else ever sees.
    """
    password = secrets.token_hex(24)
    async with management(target) as broker:
        await broker.put("users", OPERATOR, body={"password": password, "tags": ""})
        try:
            rights = {"configure": NOTHING, "write": one_of([DEFAULT_EXCHANGE]), "read": NOTHING}
            await broker.put("permissions", broker.vhost, OPERATOR, body=rights)
            async with connection(target.broker_as(OPERATOR, password)) as open_connection:
                channel = await open_connection.channel(on_return_raises=True)
                yield channel.default_exchange
        finally:
            await broker.delete("users", OPERATOR)
