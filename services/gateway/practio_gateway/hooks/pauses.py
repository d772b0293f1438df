"""How long an event waits between two tries, and when it is tried no more: pure functions of numbers."""

SHORTEST_SECONDS = 1.0


def pause_after(tries: int, *, longest: float, chance: float, wait: float = 0.0) -> float:
    """Return the seconds after this many tries: twice as long each time, up to ``longest``, less up to half by chance.

    ``chance`` is from 0 to 1. A receiver may ask to ``wait`` longer, though not beyond ``longest``.
    """
    doubled = min(longest, SHORTEST_SECONDS * 2.0 ** min(tries - 1, 30))
    return min(longest, max(wait, doubled * (0.5 + chance / 2)))


def is_over(*, since: float, now: float, pause: float, patience: float) -> bool:
    """Return whether the next try would come later than ``patience`` after the first."""
    return now + pause - since > patience
