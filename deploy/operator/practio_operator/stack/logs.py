"""The ends of logs."""

from collections import deque
from pathlib import Path


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last lines of a text file, oldest first; empty if the file is missing."""
    try:
        with path.open(errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=count)]
    except FileNotFoundError:
        return []
