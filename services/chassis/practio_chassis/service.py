"""The description of a service, from which the chassis runs it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_chassis.people.personal_data import PersonalData
from practio_chassis.process.loops import Loops
from practio_contracts.answers import Refusal
from practio_contracts.message import Command, Event, InternalCommand, Message, Query

CommandHandler = Callable[[ReceivedMessage[Any], MessageContext[Any]], Awaitable[Done | Refusal]]
EventHandler = Callable[[ReceivedMessage[Any], MessageContext[Any]], Awaitable[None]]
QueryHandler = Callable[[ReceivedMessage[Any], AsyncSession, datetime], Awaitable[BaseModel | Refusal]]
Prepare = Callable[[AsyncSession, Sequence[ReceivedMessage[Any]], datetime], Awaitable[Any]]
FinishBatch = Callable[[MessageContext[Any]], Awaitable[None]]
SubjectsOf = Callable[[Command], Collection[str]]
ShardKey = Callable[[Any], bytes | None]
Background = Callable[["Running"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Running:
    """The parts of a running service that a background loop may use.

    ``transaction()`` yields a context whose events, timers and rows are committed when the block ends without an error.
    ``loops`` repeats work, whatever it raises. ``faults`` names what keeps the service from its work, with a reason for
    operators: as long as there is one, the service is not ready.
    """

    transaction: Callable[[], AbstractAsyncContextManager[MessageContext[None]]]
    settings: Any
    loops: Loops = field(default_factory=Loops)
    faults: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service: its name, its tables, what of them is about people, and a handler for each message.

    ``prepare`` runs once per batch, before any handler: it locks, in id order, and loads what the messages concern; its
    result is ``context.loaded``. ``finish_batch`` runs once per batch, after all handlers: it publishes what is true of
    the batch as a whole, and writes what handlers only recorded. ``migrations`` is the package of the Alembic history.
    ``subjects_of`` names all that a command is about, nothing for one that no other concerns: a command that is retried
    is refused if a later one on one of its subjects was handled meanwhile (``handling/overtaking.py``). ``background``
    loops run beside the queues until the service stops; then they are cancelled. ``shard_key`` lets an operator spread
    the commands over several queues (``inbound/shards``): from the data of a command, unchecked, it returns what the
    order of handling is kept for, None if there is no such thing. ``continuing`` are the commands with which long work
    goes on, chunk by chunk: they let others go first (``inbound/batching.py``).
    """

    name: str
    metadata: MetaData
    personal_data: PersonalData
    migrations: str
    prepare: Prepare
    subjects_of: SubjectsOf
    finish_batch: FinishBatch | None = None
    commands: Mapping[type[Command], CommandHandler] = field(default_factory=dict)
    events: Mapping[type[Event], EventHandler] = field(default_factory=dict)
    queries: Mapping[type[Query], QueryHandler] = field(default_factory=dict)
    background: Sequence[Background] = ()
    shard_key: ShardKey | None = None
    continuing: frozenset[type[InternalCommand]] = frozenset()

    def subscriptions(self) -> list[type[Message]]:
        """Return every message that the service handles."""
        return [*self.commands, *self.events, *self.queries]
