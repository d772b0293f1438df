"""What an account may try on the broker, and whether the broker let it."""

from collections.abc import Awaitable, Callable, Mapping

import aio_pika
from aiormq.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ChannelClosed, ChannelPreconditionFailed
from pamqp.commands import Basic

Act = Callable[[AbstractChannel], Awaitable[object]]

REFUSED = ChannelAccessRefused
FORGED = ChannelPreconditionFailed
"""How RabbitMQ refuses a ``user_id`` that is not the connection's."""


async def let_through(url: str, acts: Mapping[str, Act], refusal: type[Exception]) -> list[str]:
    """Try each act as an account, on a channel of its own; gives the names of those that the broker did not refuse.

    What the broker says otherwise, such as that there is no such queue, is no refusal, and stands behind the name.
    """
    passed = []
    async with await aio_pika.connect(url, timeout=10) as connection:
        for name, act in acts.items():
            channel = await connection.channel()
            try:
                await act(await channel.get_underlay_channel())
            except refusal:
                continue
            except ChannelClosed as error:
                passed.append(f"{name}: {error}")
                continue
            passed.append(name)
            await channel.close()
    return passed


def publish(exchange: str, key: str, *, user: str | None = None, body: bytes = b"{}") -> Act:
    """Publish under a routing key, and wait until the broker took it on a queue or refused."""
    properties = Basic.Properties(user_id=user, delivery_mode=2)
    return lambda channel: channel.basic_publish(body, exchange=exchange, routing_key=key, properties=properties)


def consume(queue: str, *, no_ack: bool = False) -> Act:
    """Begin to read a queue."""
    return lambda channel: channel.basic_consume(queue, _ignore, no_ack=no_ack)


def get(queue: str) -> Act:
    """Take one message from a queue, and put it back when the channel closes."""
    return lambda channel: channel.basic_get(queue)


def purge(queue: str) -> Act:
    """Empty a queue."""
    return lambda channel: channel.queue_purge(queue)


def delete_queue(queue: str) -> Act:
    """Delete a queue."""
    return lambda channel: channel.queue_delete(queue)


def delete_exchange(exchange: str) -> Act:
    """Delete an exchange."""
    return lambda channel: channel.exchange_delete(exchange)


def declare_queue(queue: str, **arguments: str) -> Act:
    """Declare a queue, or let the broker name it."""
    return lambda channel: channel.queue_declare(queue, exclusive=True, arguments={**arguments})


def declare_exchange(exchange: str) -> Act:
    """Declare an exchange."""
    return lambda channel: channel.exchange_declare(exchange, exchange_type="topic")


def bind(queue: str, exchange: str, key: str = "#") -> Act:
    """Bind a queue to an exchange."""
    return lambda channel: channel.queue_bind(queue, exchange, key)


def unbind(queue: str, exchange: str, key: str) -> Act:
    """Undo a binding."""
    return lambda channel: channel.queue_unbind(queue, exchange, key)


def bind_exchange(destination: str, source: str) -> Act:
    """Bind an exchange to another."""
    return lambda channel: channel.exchange_bind(destination, source, "#")


async def _ignore(_: object) -> None: ...
