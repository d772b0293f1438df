"""The ends of logs."""

from collections import deque
from pathlib import Path


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a text file, oldest first; none where there is no such file."""
    try:
        with path.open(errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=count)]
    except FileNotFoundError:
        return []
