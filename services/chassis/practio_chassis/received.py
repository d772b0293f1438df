"""What handlers receive: messages that have passed the admission check, and invalid requests to be refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM, Envelope
from practio_contracts.message import Message

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
