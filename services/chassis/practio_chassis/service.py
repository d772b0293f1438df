"""What a service tells the chassis of itself."""

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
    """What a background task of a service may use.

    ``transaction()`` gives a ``Work`` whose events, timers and rows are kept when the block ends without an error.
    """

    transaction: Callable[[], AbstractAsyncContextManager[MessageContext[None]]]
    settings: Any


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service: its name, its tables, and a handler for each message that it takes.

    ``prepare`` runs once a batch, before any handler: it locks, in id order, and loads what the messages concern;
    what it gives is ``context.loaded``. ``conclude`` runs once a batch, after all handlers: it says what is true of the
    batch as a whole, and writes what handlers only noted. ``migrations`` is the package of the Alembic history.
    ``background`` runs beside the queues until the service stops; it is cancelled then.
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
        """Give every message that the service takes."""
        return [*self.commands, *self.events, *self.queries]
