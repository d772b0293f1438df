"""How often each key was counted in a moving window; bounded, and as quick with a million keys as with one."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

MOST_KEYS = 100_000
"""Keys at a time; beyond them, the one that was counted longest ago is forgotten."""


@dataclass(slots=True)
class MovingWindow:
    """At most ``amount`` counts a key in any ``seconds``; instants are seconds that only rise."""

    amount: int
    seconds: float
    most_keys: int = MOST_KEYS
    _counted: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        """Return how many keys are kept."""
        return len(self._counted)

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until the key may be counted again; 0 if it may now."""
        counted = self._counted.get(key)
        if counted is None or len(counted) < self.amount:
            return 0.0
        return max(0.0, counted[0] + self.seconds - now)

    def count(self, key: str, now: float) -> None:
        """Count the key, which may be; forget what is over, at most two other keys a time."""
        self._counted.setdefault(key, deque(maxlen=self.amount)).append(now)
        self._counted.move_to_end(key)
        for _ in range(2):
            oldest = next(iter(self._counted))
            if len(self._counted) > self.most_keys or self._counted[oldest][-1] <= now - self.seconds:
                del self._counted[oldest]

    def take(self, key: str, now: float) -> float:
        """Count the key if it may be counted now; return the seconds until it may, 0 if it was counted."""
        wait = self.wait(key, now)
        if not wait:
            self.count(key, now)
        return wait

    def take_back(self, key: str, counted: float) -> None:
        """Count the key no longer at an instant at which it was counted."""
        instants = self._counted.get(key)
        if instants is None or counted not in instants:
            return
        instants.remove(counted)
        if not instants:
            del self._counted[key]
