"""What services complained of in their logs, where nothing was taken away from them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

CALM = ("debug", "info")
SLOW = "TimeoutError"
"""What a machine that has too much to do is complained of for, and nobody's fault here."""

TOLD = ("service", "event", "query", "routing_key", "error", "cause", "place")


def complaints(logs: Iterable[Path]) -> Counter[str]:
    """Give what was logged above the level of info, or is no line of a log at all, and how often."""
    return Counter(told for log in logs for told in _complaints_in(log))


def _complaints_in(log: Path) -> Iterator[str]:
    for line in log.read_text(errors="replace").splitlines() if log.exists() else ():
        told = _told(line)
        if told.get("level") not in CALM and told.get("error") != SLOW:
            yield ", ".join(f"{told[name]}" for name in TOLD if told.get(name)) or f"{log.stem}: {line}"


def _told(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
