"""A message that was read, whose speaker is known, and that may be acted on."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from practio_contracts.envelope import SYSTEM, Envelope
from practio_contracts.message import Message

M_co = TypeVar("M_co", bound=Message, covariant=True)


@dataclass(frozen=True, slots=True)
class ReceivedMessage(Generic[M_co]):
    """``message`` as ``account`` said it, inside ``envelope``.

    ``newest`` is false for an event that is older than one already heard of its ``source`` and ``subject``:
    it changes no projection, whatever order events arrive in (architecture.md, Reading others' events).
    """

    envelope: Envelope
    message: M_co
    account: str
    newest: bool = True

    @property
    def actor(self) -> UUID | str | None:
        """Give who wishes it: a person's id, or ``system``."""
        return self.envelope.actor

    @property
    def by(self) -> str:
        """Give the actor as snapshots and history write it."""
        return str(self.envelope.actor or SYSTEM)

    @property
    def as_system(self) -> bool:
        """Say whether an account that may do so speaks for the system rather than for a person."""
        return self.envelope.actor == SYSTEM
