"""The description of a service, from which the chassis runs it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.message import Command, Event, Message, Query

CommandHandler = Callable[[ReceivedMessage[Any], MessageContext[Any]], Awaitable[Done | Refusal]]
EventHandler = Callable[[ReceivedMessage[Any], MessageContext[Any]], Awaitable[None]]
QueryHandler = Callable[[ReceivedMessage[Any], AsyncSession, datetime], Awaitable[BaseModel | Refusal]]
Prepare = Callable[[AsyncSession, Sequence[ReceivedMessage[Any]], datetime], Awaitable[Any]]
Apply = Callable[[MessageContext[Any]], Awaitable[None]]
Background = Callable[["Running"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Running:
    """The parts of a running service that a background loop may use.

    ``transaction()`` yields a context whose events, timers and rows are committed when the block ends without an error.
    """

    transaction: Callable[[], AbstractAsyncContextManager[MessageContext[None]]]
    settings: Any


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service: its name, its tables, and a handler for each message.

    ``prepare`` runs once per batch, before any handler: it locks, in id order, and loads what the messages concern; its
    result is ``context.loaded``. ``apply`` runs once per batch, after all handlers: it publishes what is true of the
    batch as a whole, and writes what handlers only recorded. ``migrations`` is the package of the Alembic history.
    ``background`` loops run beside the queues until the service stops; then they are cancelled.
    """

    name: str
    metadata: MetaData
    migrations: str
    prepare: Prepare
    apply: Apply | None = None
    commands: Mapping[type[Command], CommandHandler] = field(default_factory=dict)
    events: Mapping[type[Event], EventHandler] = field(default_factory=dict)
    queries: Mapping[type[Query], QueryHandler] = field(default_factory=dict)
    background: Sequence[Background] = ()

    def subscriptions(self) -> list[type[Message]]:
        """Return every message that the service handles."""
        return [*self.commands, *self.events, *self.queries]
