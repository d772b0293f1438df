"""The desk: what pages asks and commands of the services, always in the name of a person."""

import asyncio
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic import BaseModel
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import traceparent
from practio_contracts.answers import CommandAccepted, CommandRefused, Refusal
from practio_contracts.client import Client, ClientError, UnreachableError
from practio_contracts.message import Command, Query

SOURCE = "urn:practio:pages"
_PATIENCE_SECONDS = 8.0
_log = logger(__name__)

P = TypeVar("P", bound=BaseModel)


class AwayError(Exception):
    """Nobody answered in time; whether a command was met is not known, and to send its form again is safe."""


class Desk:
    """Speaks with the services over one connection, which comes back by itself."""

    def __init__(self, broker_url: str) -> None:
        self._url = broker_url
        self._client: Client | None = None
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @property
    def is_open(self) -> bool:
        """Say whether the broker is there now."""
        return self._client is not None and self._client.is_connected

    async def work(self) -> None:
        """Hold the connection until cancelled; while the broker is away at the start, try again."""
        patiently = AsyncRetrying(
            wait=wait_exponential(multiplier=0.2, max=5), retry=retry_if_exception_type(UnreachableError)
        )
        async for attempt in patiently:
            with attempt:
                async with Client.connect(self._url, source=SOURCE) as client:
                    self._client = client
                    _log.info("ready")
                    await asyncio.Event().wait()

    async def ask(self, question: Query, answer: type[P], *, actor: UUID) -> P | Refusal:
        """Ask a question of a person's; raises AwayError."""
        try:
            told = await self._connected().ask(question, actor=actor, within=_PATIENCE_SECONDS)
        except ClientError as error:
            raise _away(error) from error
        if told.result is None:
            return Refusal(code=told.code or "unreadable", detail=told.detail or "", errors=tuple(told.errors))
        return answer.model_validate(told.result)

    async def send(self, command: Command, *, actor: UUID, id: UUID) -> CommandAccepted | Refusal:  # noqa: A002
        """Wish something in a person's name; with the same ``id`` again it has the effect of once. Raises AwayError."""
        try:
            told = await self._connected().send(
                command, actor=actor, id=id, traceparent=traceparent(), within=_PATIENCE_SECONDS
            )
        except ClientError as error:
            raise _away(error) from error
        outcome = _refusal(told) if isinstance(told, CommandRefused) else told
        code = outcome.code if isinstance(outcome, Refusal) else "accepted"
        _log.info("wished", command=command.routing_key, id=str(id), code=code)
        return outcome

    def turn_of(self, person_id: UUID) -> asyncio.Lock:
        """Give what to hold while something of a person's is read and set whole: two at once would lose one change."""
        return self._turns.setdefault(person_id, asyncio.Lock())

    async def say(self, command: Command, *, actor: UUID, id: UUID) -> None:  # noqa: A002
        """Wish something and do not wait for what comes of it, only until the broker has it. Raises AwayError."""
        try:
            await self._connected().publish(
                command, actor=actor, id=id, traceparent=traceparent(), within=_PATIENCE_SECONDS
            )
        except ClientError as error:
            raise _away(error) from error

    def _connected(self) -> Client:
        if self._client is None:
            raise AwayError("the broker was not reached yet")
        return self._client


def _away(error: ClientError) -> AwayError:
    _log.warning("no answer for a page", **failure(error))
    return AwayError(str(error))


def _refusal(told: CommandRefused) -> Refusal:
    return Refusal(
        code=told.code,
        detail=told.detail,
        next_step=told.next_step,
        retry_after=told.retry_after,
        errors=tuple(told.errors),
    )
