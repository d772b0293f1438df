"""Replies to commands and queries, confirmed by the broker."""

from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection
from pamqp.commands import Basic

from practio_chassis.broker.blocking import unblocked, within
from practio_chassis.broker.connection import CONNECT_SECONDS, open_channel, open_plain_channel, properties
from practio_contracts.broker_errors import in_flight


class Replies:
    """Publishes answers to direct reply-to addresses, on a connection that nothing else uses.

    An address is a stranger's text. If one should still upset the broker, it costs this connection and no other.
    """

    def __init__(self, service: str, connection: AbstractRobustConnection, channel: AbstractRobustChannel) -> None:
        self._service = service
        self._connection = connection
        self._channel = channel

    @classmethod
    async def open(cls, service: str, connection: AbstractRobustConnection) -> "Replies":
        """Return replies on a channel of ``connection``."""
        return cls(service, connection, await open_channel(connection))

    @property
    def ready(self) -> bool:
        """Return whether the broker is connected."""
        return self._connection.connected.is_set()

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
