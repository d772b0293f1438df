"""Actions of an account on the broker, and whether the broker allows them."""

from collections.abc import Awaitable, Callable, Mapping

import aio_pika
from aiormq.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ChannelClosed, ChannelPreconditionFailed
from pamqp.commands import Basic

Action = Callable[[AbstractChannel], Awaitable[object]]

REFUSED = ChannelAccessRefused
FORGED = ChannelPreconditionFailed
"""How RabbitMQ refuses a ``user_id`` that is not the connection's."""


async def let_through(url: str, actions: Mapping[str, Action], refusal: type[Exception]) -> list[str]:
    """Try each action as an account, on its own channel; return the names of those that the broker did not refuse.

    Another error of the broker, such as a missing queue, is no refusal, and follows the name.
    """
    passed = []
    async with await aio_pika.connect(url, timeout=10) as connection:
        for name, act in actions.items():
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


def publish(exchange: str, key: str, *, user: str | None = None, body: bytes = b"{}") -> Action:
    """Publish under a routing key, and wait until the broker confirms it in a queue or refuses."""
    properties = Basic.Properties(user_id=user, delivery_mode=2)
    return lambda channel: channel.basic_publish(body, exchange=exchange, routing_key=key, properties=properties)


def consume(queue: str, *, no_ack: bool = False) -> Action:
    """Begin to consume a queue."""
    return lambda channel: channel.basic_consume(queue, _ignore, no_ack=no_ack)


def get(queue: str) -> Action:
    """Get one message from a queue, and put it back when the channel closes."""
    return lambda channel: channel.basic_get(queue)


def purge(queue: str) -> Action:
    """Empty a queue."""
    return lambda channel: channel.queue_purge(queue)


def delete_queue(queue: str) -> Action:
    """Delete a queue."""
    return lambda channel: channel.queue_delete(queue)


def delete_exchange(exchange: str) -> Action:
    """Delete an exchange."""
    return lambda channel: channel.exchange_delete(exchange)


def declare_queue(queue: str, **arguments: str) -> Action:
    """Declare a queue, or let the broker name it."""
    return lambda channel: channel.queue_declare(queue, exclusive=True, arguments={**arguments})


def declare_exchange(exchange: str) -> Action:
    """Declare an exchange."""
    return lambda channel: channel.exchange_declare(exchange, exchange_type="topic")


def bind(queue: str, exchange: str, key: str = "#") -> Action:
    """Bind a queue to an exchange."""
    return lambda channel: channel.queue_bind(queue, exchange, key)


def unbind(queue: str, exchange: str, key: str) -> Action:
    """Undo a binding."""
    return lambda channel: channel.queue_unbind(queue, exchange, key)


def bind_exchange(destination: str, source: str) -> Action:
    """Bind an exchange to another."""
    return lambda channel: channel.exchange_bind(destination, source, "#")


async def _ignore(_: object) -> None: ...
