"""The gateway to the services: it sends queries and commands, always in the name of a person."""

import asyncio
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic import BaseModel
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from practio_chassis.people.erasures import PERSON_ERASED, person_of
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import traceparent
from practio_contracts.answers import CommandAccepted, CommandRefused, Refusal
from practio_contracts.catalogue import PAGES, source_of
from practio_contracts.client import Client, ClientError, UnreachableError
from practio_contracts.message import Command, Query
from practio_contracts.people import PersonRegistered

SOURCE = "urn:practio:pages"
_PATIENCE_SECONDS = 8.0
_log = logger(__name__)

P = TypeVar("P", bound=BaseModel)
R = TypeVar("R")


class UnavailableError(Exception):
    """No answer arrived in time; a command may have taken effect, and it is safe to send its form again."""


class PersonErasedError(Exception):
    """The person of the link was erased: none of their links works any more."""


class Gateway:
    """Talks to the services over one connection, which reconnects on its own."""

    def __init__(self, broker_url: str) -> None:
        self._url = broker_url
        self._client: Client | None = None
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @property
    def is_open(self) -> bool:
        """Return whether the broker is connected."""
        return self._client is not None and self._client.is_connected

    async def is_blocked(self) -> bool:
        """Return whether the broker lets nobody publish, since its memory or its disk is used up."""
        return self._client is not None and await self._client.is_blocked()

    async def stay_connected(self) -> None:
        """Hold the connection until cancelled; retry if the broker is unavailable at the start."""
        patiently = AsyncRetrying(
            wait=wait_exponential(multiplier=0.2, max=5), retry=retry_if_exception_type(UnreachableError)
        )
        async for attempt in patiently:
            with attempt:
                async with Client.connect(self._url, source=SOURCE) as client:
                    self._client = client
                    _log.info("ready")
                    await asyncio.Event().wait()

    async def ask(self, query: Query, answer: type[P], *, actor: UUID) -> P | Refusal:
        """Send a query in a person's name and return its result; raise UnavailableError, PersonErasedError."""
        try:
            received = await self._connected().ask(query, actor=actor, within=_PATIENCE_SECONDS)
        except ClientError as error:
            raise _unavailable(error) from error
        if received.result is None:
            refusal = Refusal(
                code=received.code or "unreadable",
                detail=received.detail or "",
                errors=tuple(received.errors),
            )
            return unless_erased(refusal)
        return answer.model_validate(received.result)

    async def send(self, command: Command, *, actor: UUID, id: UUID) -> CommandAccepted | Refusal:  # noqa: A002
        """Send a command in a person's name; the same ``id`` takes effect once.

        That somebody else is erased, whom the command is about, is a refusal. Raise UnavailableError,
        PersonErasedError.
        """
        try:
            received = await self._connected().send(
                command, actor=actor, id=id, traceparent=traceparent(), within=_PATIENCE_SECONDS
            )
        except ClientError as error:
            raise _unavailable(error) from error
        outcome = _refusal(received) if isinstance(received, CommandRefused) else received
        code = outcome.code if isinstance(outcome, Refusal) else "accepted"
        _log.info("command sent", command=command.routing_key, id=str(id), code=code)
        return unless_erased(outcome, about=command, actor=actor)

    def lock_for(self, identity: UUID) -> asyncio.Lock:
        """Return a lock to hold while the state of a person or room is read, and changed if it is as a page showed it.

        Otherwise one of two changes is lost.
        """
        return self._locks.setdefault(identity, asyncio.Lock())

    async def publish(self, command: Command, *, actor: UUID, id: UUID) -> None:  # noqa: A002
        """Publish a command without waiting for its outcome, only for the broker's confirm; raise UnavailableError."""
        try:
            await self._connected().publish(
                command, actor=actor, id=id, traceparent=traceparent(), within=_PATIENCE_SECONDS
            )
        except ClientError as error:
            raise _unavailable(error) from error

    async def register(self, person: PersonRegistered, *, id: UUID) -> None:  # noqa: A002
        """Publish who a person is, as they said themselves; return once the broker has it; raise UnavailableError.

        A person is registered by pages once: a second event of the same person changes nothing.
        """
        try:
            await self._connected().publish_event(
                person,
                sequence=1,
                id=id,
                source=source_of(PAGES),
                traceparent=traceparent(),
                within=_PATIENCE_SECONDS,
            )
        except ClientError as error:
            raise _unavailable(error) from error

    def _connected(self) -> Client:
        if self._client is None:
            raise UnavailableError("the broker was not reached yet")
        return self._client


def unless_erased(outcome: R, *, about: Command | None = None, actor: UUID | None = None) -> R:
    """Return an outcome; raise PersonErasedError if it is the refusal of an erased actor.

    The refusal of a command ``about`` somebody else means that person: the actor's link was checked just before.
    """
    if isinstance(outcome, Refusal) and outcome.code == PERSON_ERASED.code:
        person = person_of(about) if about else None
        if person in (None, actor):
            raise PersonErasedError(outcome.detail)
    return outcome


def _unavailable(error: ClientError) -> UnavailableError:
    _log.warning("no answer for a page", **failure(error))
    return UnavailableError(str(error))


def _refusal(received: CommandRefused) -> Refusal:
    return Refusal(
        code=received.code,
        detail=received.detail,
        next_step=received.next_step,
        retry_after=received.retry_after,
        errors=tuple(received.errors),
    )
