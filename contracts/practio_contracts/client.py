"""A client for outside systems: commands, queries and events over AMQP (extra ``client``).

    async with Client.connect(url, source="urn:example:intranet") as client:
        outcome = await client.send(RequestToJoin(room_id=room, person_id=ada), actor=ada)

Messages in flight when the broker goes away are sent again with the same id once it is back, until their time is
over: the same (``source``, ``id``) twice has the effect of once (contracts/README.md, Sending a message again).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractIncomingMessage
from uuid_utils.compat import uuid7
from yarl import URL

from practio_contracts.answers import Answer, CommandAccepted, CommandRefused
from practio_contracts.broker_errors import LOST
from practio_contracts.catalogue import exchange_of
from practio_contracts.connection import (
    FORBIDDEN,
    ClientError,
    ConnectionCutError,
    NotAllowedError,
    NotConfirmedError,
    RpcConnection,
    UnreachableError,
    channels,
    deliveries,
)
from practio_contracts.envelope import CONTENT_TYPE, Envelope, Invalid, Unreadable, read, write
from practio_contracts.message import Command, Query
from practio_contracts.people import Person, PersonErased, PersonRestored

__all__ = [
    "Client",
    "ClientError",
    "NoAnswerError",
    "NotAllowedError",
    "NotConfirmedError",
    "UnreachableError",
    "UnreadableAnswerError",
]

T = TypeVar("T")

log = logging.getLogger(__name__)


class NoAnswerError(ClientError):
    """No answer, or no confirm, arrived in time; sending it again with the same id is safe."""


class UnreadableAnswerError(ClientError):
    """An answer came that this version of the contracts cannot read."""


class Client:
    """Speaks as one account and one ``source``; made by ``Client.connect``."""

    def __init__(self, connection: RpcConnection, url: str, *, source: str, queue: str | None) -> None:
        self._connection = connection
        self._url = url
        self._account = URL(url).user or "guest"
        self._source = source
        self._queue = queue or f"outside.{self._account}"

    @classmethod
    @asynccontextmanager
    async def connect(cls, url: str, *, source: str, queue: str | None = None) -> AsyncIterator["Client"]:
        """Connect to ``url`` and publish as ``source``, a URI reference of the publisher's own.

        ``queue`` is the one that ``watch`` reads, by default ``outside.<account>``. Raise UnreachableError.
        """
        async with RpcConnection.open(url) as connection:
            yield cls(connection, url, source=source, queue=queue)

    @property
    def is_connected(self) -> bool:
        """Return whether the broker is connected; while it is not, messages wait until their time is over."""
        return self._connection.is_up

    async def is_blocked(self) -> bool:
        """Return whether the broker lets nobody publish, since its memory or its disk is used up.

        The client learns of it when it publishes something meanwhile.
        """
        return await self._connection.is_blocked()

    async def send(
        self,
        command: Command,
        *,
        actor: UUID | str,
        id: UUID | None = None,  # noqa: A002
        correlation: str | None = None,
        traceparent: str | None = None,
        within: float = 30.0,
    ) -> CommandAccepted | CommandRefused:
        """Send a command of ``actor`` (a person's id, or ``system``) and wait for its answer.

        ``traceparent`` is the W3C trace context that the command continues. A refusal is a value. Raise NoAnswerError
        after ``within`` seconds, NotAllowedError, NotConfirmedError or UnreadableAnswerError.
        """
        envelope = self._envelope(command, actor=actor, id=id, correlationid=correlation, traceparent=traceparent)
        answer = await self._answer_to(envelope, within)
        if not isinstance(answer, (CommandAccepted, CommandRefused)):
            raise UnreadableAnswerError(f"{envelope.type} was answered by {type(answer).__name__}")
        return answer

    async def ask(self, query: Query, *, actor: UUID | str, within: float = 30.0) -> Answer:
        """Return the answer to a query of ``actor``; a refusal is an Answer with a ``code``. Raise as ``send`` does."""
        envelope = self._envelope(query, actor=actor)
        answer = await self._answer_to(envelope, within)
        if not isinstance(answer, Answer):
            raise UnreadableAnswerError(f"{envelope.type} was answered by {type(answer).__name__}")
        return answer

    async def publish(
        self,
        command: Command,
        *,
        actor: UUID | str,
        id: UUID | None = None,  # noqa: A002
        correlation: str | None = None,
        traceparent: str | None = None,
        within: float = 30.0,
    ) -> UUID:
        """Send a command, wait only for the broker's confirm, and return the message's id.

        Its result arrives as events; refusals are events too. Raise as ``send`` does.
        """
        envelope = self._envelope(command, actor=actor, id=id, correlationid=correlation, traceparent=traceparent)
        return await self._publish(envelope, within)

    async def publish_event(
        self,
        event: Person | PersonErased | PersonRestored,
        *,
        sequence: int,
        id: UUID | None = None,  # noqa: A002
        source: str | None = None,
        traceparent: str | None = None,
        within: float = 30.0,
    ) -> UUID:
        """Publish an event of a person, confirmed by the broker, and return the message's id.

        ``sequence`` rises by one with each event of the same person from this source: the client's, if none is given.
        Raise as ``send`` does.
        """
        attributes = {"subject": str(event.person_id), "sequence": sequence, "id": id, "traceparent": traceparent}
        envelope = self._envelope(event, **attributes | ({"source": source} if source else {}))
        return await self._publish(envelope, within)

    async def watch(self, queue: str | None = None) -> AsyncGenerator[Envelope]:
        """Yield the events that arrive on ``queue``, for ever, on a connection of its own.

        An event is acknowledged when the next one is requested, so one that was in progress when the consumer died or
        left is delivered again: each arrives at least once. A message that this version cannot read is logged and
        skipped. Raise NotAllowedError if the queue does not exist or belongs to another account, UnreachableError
        without a broker.
        """
        name = queue or self._queue
        async with aclosing(channels(self._url)) as found:
            async for channel in found:
                try:
                    async for message in deliveries(channel, name):
                        received = _read(message)
                        if received is not None:
                            yield received
                        await message.ack()
                except FORBIDDEN as error:
                    raise NotAllowedError(f"the queue {name} cannot be read: {error}") from error
                except LOST as error:
                    log.warning("lost the queue %s: %s", name, error)

    def _envelope(
        self, message: Command | Query | Person | PersonErased | PersonRestored, **attributes: object
    ) -> Envelope:
        attributes["id"] = attributes.get("id") or uuid7()
        return Envelope.model_validate(
            {
                "source": self._source,
                "type": message.type_name(),
                "time": datetime.now(UTC),
                "dataschema": f"urn:practio:schema:{message.routing_key}",
                "data": message,
                **attributes,
            }
        )

    def _amqp_message(self, envelope: Envelope, within: float) -> Message:
        """Return the message; a query that nobody waits for any more expires, a command is never dropped."""
        return Message(
            write(envelope),
            content_type=CONTENT_TYPE,
            delivery_mode=DeliveryMode.PERSISTENT,
            expiration=within if isinstance(envelope.data, Query) else None,
            user_id=self._account,
        )

    async def _publish(self, envelope: Envelope, within: float) -> UUID:
        async def attempt() -> None:
            await self._connection.publish(
                self._amqp_message(envelope, within),
                exchange=exchange_of(type(envelope.data)),
                routing_key=envelope.routing_key,
            )

        await _until_done(attempt, within=within, otherwise=f"no confirmation of {envelope.type} {envelope.id}")
        return envelope.id

    async def _answer_to(self, envelope: Envelope, within: float) -> object:
        async def attempt() -> AbstractIncomingMessage:
            return await self._connection.request(
                self._amqp_message(envelope, within),
                exchange=exchange_of(type(envelope.data)),
                routing_key=envelope.routing_key,
            )

        answer = await _until_done(attempt, within=within, otherwise=f"no answer to {envelope.type} {envelope.id}")
        match read(answer.body, routing_key=None, content_type=answer.content_type, headers=answer.headers):
            case Envelope(data=data):
                return data
            case Unreadable(detail=detail):
                raise UnreadableAnswerError(f"the answer to {envelope.type} {envelope.id} cannot be read: {detail}")
            case Invalid(errors=errors):
                fields = ", ".join(error.field for error in errors)
                raise UnreadableAnswerError(f"the answer to {envelope.type} {envelope.id} has faults in {fields}")


async def _until_done(attempt: Callable[[], Awaitable[T]], *, within: float, otherwise: str) -> T:
    """Try again after each cut of the connection; raise NoAnswerError with ``otherwise`` when the time is over."""
    try:
        async with asyncio.timeout(within):
            while True:
                try:
                    return await attempt()
                except ConnectionCutError as cut:
                    log.info("sending it again: %s", cut)
    except TimeoutError:
        raise NoAnswerError(f"{otherwise} within {within:g} s; sending it again with the same id is safe") from None


def _read(message: AbstractIncomingMessage) -> Envelope | None:
    received = read(
        message.body,
        routing_key=message.routing_key,
        content_type=message.content_type,
        headers=message.headers,
    )
    if isinstance(received, Envelope):
        return received
    log.warning("passed over a message under %s: %s", message.routing_key, type(received).__name__)
    return None
