"""One connection on which answers are published, each confirmed by the broker."""

from typing import Self

from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection
from pamqp.commands import Basic

from practio_chassis.broker.alarms import alarm_of
from practio_chassis.broker.blocking import unblocked, within
from practio_chassis.broker.connection import (
    CONNECT_SECONDS,
    close,
    connect,
    open_channel,
    open_plain_channel,
    properties,
)
from practio_contracts.broker_errors import in_flight


class ReplyConnection:
    """Publishes answers to direct reply-to addresses, on a connection that nothing else uses."""

    def __init__(self, service: str, connection: AbstractRobustConnection, channel: AbstractRobustChannel) -> None:
        self._service = service
        self._connection = connection
        self._channel = channel

    @classmethod
    async def open(cls, service: str, url: str, *, name: str) -> Self:
        """Connect; operators see ``name``. Raise one of ``LOST``, and leave no connection open, if that fails."""
        connection = await connect(url, name=name)
        try:
            return cls(service, connection, await open_channel(connection))
        except BaseException:
            await close(connection)
            raise

    @property
    def is_connected(self) -> bool:
        """Return whether the broker is connected."""
        return self._connection.connected.is_set()

    async def alarm(self) -> str | None:
        """Return which alarm blocks the connection, in a sentence; None if none does."""
        return await alarm_of(self._connection)

    async def close(self) -> None:
        """Close the connection, however it is; a broker that does not answer holds up nothing for long."""
        await close(self._connection)

    async def send(self, answer: bytes, *, reply_to: str, correlation_id: str | None) -> None:
        """Send an answer, and wait until the broker has it; the broker drops it if its reader is gone.

        Wait, as long as it takes, while the broker blocks the connection. Raise one of ``LOST`` if it is not
        confirmed: whether it arrived is not known then.
        """
        await unblocked(self._connection)
        async with within(CONNECT_SECONDS, self._connection):
            with in_flight():
                channel = await open_plain_channel(self._channel)
                confirmed = await channel.basic_publish(
                    answer,
                    exchange="",
                    routing_key=reply_to,
                    properties=properties(self._service, correlation_id=correlation_id),
                    wait=False,
                )
        if not isinstance(confirmed, Basic.Ack):
            raise ConnectionError("the broker did not confirm the answer")
