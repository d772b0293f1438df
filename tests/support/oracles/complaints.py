"""The complaints of services in their logs while nothing was taken away from them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

CALM = ("debug", "info")
SLOW = "TimeoutError"
"""The error that a busy machine causes, which is no fault here."""

FIELDS = ("service", "event", "query", "routing_key", "error", "cause", "place")


def complaints(logs: Iterable[Path]) -> Counter[str]:
    """Return the log entries above the level of info, and lines that are no log entry, with their number."""
    return Counter(entry for log in logs for entry in _complaints_in(log))


def _complaints_in(log: Path) -> Iterator[str]:
    for line in log.read_text(errors="replace").splitlines() if log.exists() else ():
        entry = _entry(line)
        if entry.get("level") not in CALM and entry.get("error") != SLOW:
            yield ", ".join(f"{entry[name]}" for name in FIELDS if entry.get(name)) or f"{log.stem}: {line}"


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
