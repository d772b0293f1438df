"""When letters are held back because the mail server takes none of them, and how it is tried meanwhile."""

from dataclasses import dataclass, replace
from enum import Enum, auto
from uuid import UUID

_ENOUGH = 3
"""So many people in a row, all refused by policy: the server relays nothing for us."""


class ServerSign(Enum):
    """What an attempt says about the mail server, whatever it says about the letter."""

    NONE = auto()
    """Nothing: there was no connection, or it asks to come back."""

    TAKES_LETTERS = auto()
    """It looked at the letter: it took it, or refused this one."""

    REFUSES_ONE = auto()
    """Its policy refused the recipient: this one, or whatever we send."""

    REFUSES_ALL = auto()
    """It lets us send nothing: it wants a login, knows ours not, or accepts no mail from our address."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """Whether letters leave; while it is open, one leaves every ``pause`` seconds, to try the mail server.

    ``reason`` is why it is open, None while it is closed; ``refused`` are the people that the server has refused since
    it last took a letter; ``try_at`` is when the next letter may leave. Instants are those of one monotonic clock.
    """

    pause: float
    reason: str | None = None
    refused: frozenset[UUID] = frozenset()
    try_at: float = 0.0

    @property
    def is_open(self) -> bool:
        """Return whether letters are held back."""
        return self.reason is not None

    def room(self, most: int, now: float) -> int:
        """Return how many letters may leave now, at most ``most``."""
        if not self.is_open:
            return most
        return min(most, 1 if now >= self.try_at else 0)

    def sent(self, now: float) -> "Breaker":
        """Return the state once a letter has left: while letters are held back, the next one waits."""
        return replace(self, try_at=now + self.pause) if self.is_open else self

    def after(self, sign: ServerSign, person_id: UUID, reason: str | None, now: float) -> "Breaker":
        """Return the state after an attempt to send a letter to a person; ``reason`` is the server's code."""
        match sign:
            case ServerSign.NONE:
                return self
            case ServerSign.TAKES_LETTERS:
                return Breaker(self.pause)
            case ServerSign.REFUSES_ALL | ServerSign.REFUSES_ONE:
                refused = self.refused | {person_id} if len(self.refused) < _ENOUGH else self.refused
                found = replace(self, refused=refused)
                if self.is_open or (sign is ServerSign.REFUSES_ONE and len(refused) < _ENOUGH):
                    return found
                return replace(found, reason=reason, try_at=now + self.pause)
