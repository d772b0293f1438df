"""How many letters are in hand at once: what the mail server took of late says how many it will take next."""

from dataclasses import dataclass, replace

_AHEAD_SECONDS = 0.5
_AHEAD_TURNS = 2
_MOST_AHEAD = 3
"""Letters a connection: if the sender is killed, those that waited are taken for letters that may have left."""

_MOST_RESERVED = 200
"""Letters that are decided with the same statements. If the sender is killed, they leave once its lease has ended."""

_KNOWN_SECONDS = 1.0
"""For so long the pace is taken to be what it was."""

_MOST_OUTCOMES = 25
"""If the sender is killed, the accepted letters that it has not recorded leave twice."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many letters a second came back of late, and how long a turn of the sender took.

    ``since`` is when letters were counted last, on a monotonic clock.
    """

    a_second: float = 0.0
    since: float = 0.0
    turn_seconds: float = 0.0

    def after(self, returned: int, now: float) -> "Pace":
        """Return the pace after so many more letters have come back."""
        return replace(self, a_second=returned / max(now - self.since, 0.001), since=now) if returned else self

    def room(self, lines: int, in_hand: int) -> int:
        """Return how many letters may be claimed: one a connection, and what leaves within half a second or two turns.

        With a fast mail server, connections do not wait for turns; with a slow one, no claimed letter waits while its
        content may become outdated.
        """
        return max(0, lines + min(self._soon, _MOST_AHEAD * lines) - in_hand)

    def missing(self, reserved: int, now: float) -> int:
        """Return how many more letters may be reserved beside ``reserved``: none, or at least half of them.

        They leave within half a second or two turns. If no letter came back for a second, nothing says when.
        """
        wanted = min(self._soon, _MOST_RESERVED) if now - self.since <= _KNOWN_SECONDS else 0
        return wanted - reserved if reserved <= wanted // 2 else 0

    @property
    def _soon(self) -> int:
        """Return how many letters leave within half a second, or two turns."""
        return int(self.a_second * max(_AHEAD_SECONDS, _AHEAD_TURNS * self.turn_seconds))


def is_turn(*, in_hand: int, low: int, returned: int) -> bool:
    """Return whether a turn comes at once: few letters are left in hand, or many outcomes wait to be recorded."""
    return in_hand <= low or returned >= _MOST_OUTCOMES
