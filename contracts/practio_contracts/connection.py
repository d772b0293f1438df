"""A connection to the broker that comes back after a cut, and the answers that arrive on it."""

import asyncio
import itertools
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

from aio_pika import Connection, Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity, DeliveryError, PublishError
from aiormq.connection import Connection as Transport
from aiormq.exceptions import ChannelAccessRefused
from pamqp.commands import Basic
from yarl import URL

from practio_contracts.addresses import AnyAddress
from practio_contracts.blocking import AT_ONCE_SECONDS, publishes_within
from practio_contracts.broker_errors import LOST, in_flight

REPLY_TO = "amq.rabbitmq.reply-to"
FORBIDDEN = (ChannelAccessRefused, ChannelNotFoundEntity)

_PORTS = {"amqp": 5672, "amqps": 5671}
_HEARTBEAT_SECONDS = 6
"""A broker that vanished is noticed after 24 seconds at most."""

_CONNECT_SECONDS = 10

_SHORTEST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
_PREFETCH = 100

log = logging.getLogger(__name__)


class ClientError(Exception):
    """The client could not reach the service; the text explains it in one sentence."""


class UnreachableError(ClientError):
    """The broker could not be reached at the start, or refused the account."""


class NotAllowedError(ClientError):
    """The broker refuses this account the exchange, the message or the queue."""


class NotConfirmedError(ClientError):
    """The broker did not confirm the message; sending it again with the same id is safe."""


class ConnectionCutError(ClientError):
    """The connection was lost while a message was on its way; whether it arrived is not known."""


async def channels(url: str) -> AsyncGenerator[AbstractChannel]:
    """Yield an open channel on a connection of its own, and a new one each time the last was lost.

    The first connection is tried once and raises UnreachableError; later ones are tried until one succeeds.
    """
    addresses = AnyAddress()
    connection = await _first_connection(url, addresses)
    while True:
        with suppress(*LOST), in_flight():
            async with connection:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    channel = await connection.channel(on_return_raises=True)
                yield channel
        connection = await _next_connection(url, addresses)


async def _connect(url: str, addresses: AnyAddress) -> AbstractConnection:
    connection = Connection(URL(url).update_query(heartbeat=_HEARTBEAT_SECONDS))
    connection.kwargs["transport_factory"] = addresses
    with in_flight():
        await connection.connect(timeout=_CONNECT_SECONDS)
    return connection


async def _first_connection(url: str, addresses: AnyAddress) -> AbstractConnection:
    try:
        return await _connect(url, addresses)
    except LOST as error:
        raise UnreachableError(f"the broker at {_place(url)} cannot be reached: {_error_text(error)}") from error


async def _next_connection(url: str, addresses: AnyAddress) -> AbstractConnection:
    for trial in itertools.count():
        longest = min(_LONGEST_PAUSE_SECONDS, _SHORTEST_PAUSE_SECONDS * 2**trial)
        await asyncio.sleep(longest * random.uniform(0.5, 1.0))
        try:
            return await _connect(url, addresses)
        except LOST as error:
            log.warning("the broker at %s is away: %s", _place(url), _error_text(error))
    raise AssertionError("itertools.count never ends")


def _error_text(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _place(url: str) -> str:
    return f"{URL(url).host}:{URL(url).port or _PORTS.get(URL(url).scheme)}"


async def deliveries(channel: AbstractChannel, queue: str) -> AsyncIterator[AbstractIncomingMessage]:
    """Yield the messages that arrive on ``queue``, to be acknowledged, until the channel or the queue is gone."""
    arrived: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()

    def end(*_: object) -> None:
        arrived.put_nowait(None)

    channel.close_callbacks.add(end)
    # aio-pika's own iterator waits for ever once the broker has cancelled its consumer.
    (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(end)
    await channel.set_qos(prefetch_count=_PREFETCH)
    await (await channel.get_queue(queue, ensure=False)).consume(arrived.put)
    while (message := await arrived.get()) is not None:
        yield message


class RpcConnection:
    """Publishes with confirms, and passes each answer to the task that waits for it, many at a time.

    Answers arrive over RabbitMQ's direct reply-to, which ends with its channel: tasks that still wait then get
    ``ConnectionCutError``.
    """

    def __init__(self) -> None:
        self._channel: asyncio.Future[AbstractChannel] = asyncio.get_running_loop().create_future()
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[AbstractIncomingMessage | None]] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["RpcConnection"]:
        """Keep a connection for as long as the block runs; raise UnreachableError if the first attempt fails."""
        async with aclosing(channels(url)) as found:
            connection = cls()
            keeping_open = asyncio.create_task(connection._keep_open(await anext(found), found))
            try:
                yield connection
            finally:
                keeping_open.cancel()
                await asyncio.gather(keeping_open, return_exceptions=True)

    @property
    def is_up(self) -> bool:
        """Return whether there is a connection now, as of its last heartbeat."""
        return self._channel.done()

    async def is_blocked(self) -> bool:
        """Return whether the broker lets nobody publish, since its memory or its disk is used up.

        It says so once something was published under the alarm. A connection that is lost is not blocked.
        """
        if not self._channel.done():
            return False
        with suppress(*LOST):
            transport = (await self._channel.result().get_underlay_channel()).connection
            assert isinstance(transport, Transport)
            return transport.connected.is_set() and not await publishes_within(AT_ONCE_SECONDS, transport)
        return False

    async def publish(self, message: Message, *, exchange: str, routing_key: str) -> None:
        """Publish, and wait for the confirm; raise NotAllowedError, NotConfirmedError or ConnectionCutError."""
        await self._publish(await self.ready(), message, exchange, routing_key)

    async def request(self, message: Message, *, exchange: str, routing_key: str) -> AbstractIncomingMessage:
        """Publish and wait for the answer, however long it takes; raise as ``publish`` does."""
        channel = await self.ready()
        message.reply_to = REPLY_TO
        message.correlation_id = number = str(next(self._numbers))
        answer: asyncio.Future[AbstractIncomingMessage | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self._publish(channel, message, exchange, routing_key)
            arrived = await answer
        finally:
            del self._waiting[number]
        if arrived is None:
            raise ConnectionCutError("the connection was lost before the answer came")
        return arrived

    async def ready(self) -> AbstractChannel:
        """Wait until messages can be published, and return the channel.

        It is shielded, since many wait for it and one that stops waiting must not cancel it.
        """
        return await asyncio.shield(self._channel)

    async def _keep_open(self, channel: AbstractChannel, found: AsyncIterator[AbstractChannel]) -> None:
        while True:
            with suppress(*LOST), in_flight():
                async with asyncio.timeout(_CONNECT_SECONDS):
                    await self._listen(channel)
                self._channel.set_result(channel)
                await channel.closed()
            self._drop_channel(channel)
            channel = await anext(found)

    async def _listen(self, channel: AbstractChannel) -> None:
        """Take answers: on the channel that asks, and before it asks, or the broker refuses the reply address."""
        replies = await channel.get_queue(REPLY_TO, ensure=False)
        await replies.consume(self._deliver, no_ack=True)

    async def _deliver(self, answer: AbstractIncomingMessage) -> None:
        waiting = self._waiting.get(answer.correlation_id or "")
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def _drop_channel(self, channel: AbstractChannel) -> None:
        """Stop publishing on ``channel``, and wake the tasks that wait for an answer on it."""
        if not (self._channel.done() and self._channel.result() is channel):
            return
        self._channel = asyncio.get_running_loop().create_future()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)

    async def _publish(self, channel: AbstractChannel, message: Message, exchange: str, routing_key: str) -> None:
        try:
            with in_flight():
                target = await channel.get_exchange(exchange, ensure=False)
                confirmation = await target.publish(message, routing_key)
        except PublishError as error:
            raise NotConfirmedError(f"no queue is bound for {routing_key} on {exchange}") from error
        except DeliveryError as error:
            raise NotConfirmedError(f"the broker did not accept {routing_key}") from error
        except LOST as error:
            self._drop_channel(channel)
            with suppress(*LOST):
                await channel.close()
            if isinstance(error, FORBIDDEN) and _is_about(error, exchange, routing_key):
                raise NotAllowedError(f"the broker refuses {routing_key} on {exchange}: {error}") from error
            raise ConnectionCutError("the connection was lost before the broker confirmed") from error
        if not isinstance(confirmation, Basic.Ack):
            raise NotConfirmedError(f"the broker did not confirm {routing_key}")


def _is_about(error: BaseException, exchange: str, routing_key: str) -> bool:
    """Return whether our own message closed the channel, rather than another one in flight beside it."""
    reason = str(error)
    if "access to topic" in reason:
        return f"'{routing_key}'" in reason
    return f"exchange '{exchange}'" in reason
