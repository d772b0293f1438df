"""What a handler gets and returns: a message that passed the admission check, its context, and its result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.people.erasures import Erasures
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM, Envelope
from practio_contracts.message import Event, InternalCommand, Message

L_co = TypeVar("L_co", covariant=True)
M_co = TypeVar("M_co", bound=Message, covariant=True)

Key = tuple[str, str, str]
"""Account, source and id of a message."""


@dataclass(frozen=True, slots=True)
class ReceivedMessage(Generic[M_co]):
    """``message`` as ``account`` published it, in its ``envelope``.

    ``newest`` is false for an event that is older than one already received of its ``source`` and ``subject``: it
    changes no projection, in whichever order events arrive. ``key``
    is its idempotency key: account, source and id.
    """

    envelope: Envelope
    message: M_co
    account: str
    newest: bool = True
    key: Key = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Set the key once: every step of a transaction asks for it."""
        object.__setattr__(self, "key", (self.account, self.envelope.source, str(self.envelope.id)))

    @property
    def actor(self) -> UUID | str | None:
        """Return who issued it: a person's id, or ``system``."""
        return self.envelope.actor

    @property
    def by(self) -> str:
        """Return the actor as snapshots and history have it."""
        return str(self.envelope.actor or SYSTEM)

    @property
    def as_system(self) -> bool:
        """Return whether the actor is the system rather than a person."""
        return self.envelope.actor == SYSTEM


@dataclass(frozen=True, slots=True)
class InvalidRequest:
    """A command or query that is refused before any handler sees it."""

    message: type[Message]
    attributes: Mapping[str, Any]
    account: str | None
    refusal: Refusal


Admitted = ReceivedMessage[Message] | InvalidRequest


@dataclass(frozen=True, slots=True)
class Done:
    """The result of an accepted command: the subject's snapshot, and whether anything had to change."""

    state: BaseModel
    changed: bool = True


class NotKnownYetError(LookupError):
    """A message is about something that this service does not know yet, and waits for that in the retry tiers.

    After the last tier it is a dead letter with ``reason``, which names what is missing; put back once that is known,
    the message has its whole effect. ``detail`` is a sentence with ids and without texts.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """An event or an internal command on its way to the outbox."""

    message: Event | InternalCommand
    subject: str
    sequence: int | None = None
    internal_only: bool = False
    correlationid: str | None = None
    causationid: str | None = None
    without_actor: bool = False
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """An internal command to be published at ``due_at`` (UTC); there is one per ``key`` at a time."""

    key: str
    due_at: datetime
    command: InternalCommand


@dataclass(slots=True)
class MessageContext(Generic[L_co]):
    """One message's part of a batch's transaction.

    ``now`` is the database's clock, once per transaction. ``loaded`` is what the service's ``prepare`` locked and
    loaded for the whole batch; ``settings`` are the service's. Messages, timers and rows added here are committed with
    the transaction, or not at all; they are kept if the command is refused, since overdue state may have lapsed first.
    ``erasures`` are the erased people among those whom the batch names. ``traceparent`` is for work that continues
    after this message, in the same trace.
    """

    session: AsyncSession
    now: datetime
    loaded: L_co
    outgoing: list[OutgoingMessage] = field(default_factory=list)
    timers: dict[str, Timer | None] = field(default_factory=dict)
    rows: list[tuple[Table, Mapping[str, Any]]] = field(default_factory=list)
    settings: Any = None
    traceparent: str | None = None
    erasures: Erasures = field(default_factory=Erasures)

    def publish(
        self,
        event: Event,
        *,
        subject: UUID,
        sequence: int | None = None,
        internal_only: bool = False,
        correlationid: str | None = None,
        causationid: str | None = None,
        without_actor: bool = False,
        traceparent: str | None = None,
    ) -> None:
        """Publish ``event`` once the transaction is committed; ``internal_only`` keeps it among the services.

        ``without_actor`` leaves out who issued the command. The current message is the cause; background loops, which
        have none, pass ids and trace themselves.
        """
        self.outgoing.append(
            OutgoingMessage(
                event, str(subject), sequence, internal_only, correlationid, causationid, without_actor, traceparent
            )
        )

    def send_internal(self, command: InternalCommand, *, subject: UUID | str, correlationid: str | None = None) -> None:
        """Send an internal command, to be handled after this transaction."""
        self.outgoing.append(OutgoingMessage(command, str(subject), internal_only=True, correlationid=correlationid))

    def set_timer(self, key: str, *, due_at: datetime, command: InternalCommand) -> None:
        """Publish ``command`` at ``due_at`` or later; replaces the timer of the same ``key``."""
        self.timers[key] = Timer(key, due_at, command)

    def clear_timer(self, key: str) -> None:
        """Delete the timer ``key``, if there is one."""
        self.timers[key] = None

    def add_row(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert ``row`` with all others of the batch, in one statement per table; for insert-only tables."""
        self.rows.append((table, row))
