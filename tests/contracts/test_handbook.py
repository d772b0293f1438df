"""The examples in the text of the handbook (contracts/README.md) hold, too."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

HANDBOOK = Path(__file__).parents[2] / "contracts" / "README.md"


def defined(name: str) -> Callable[..., Any]:
    """Return the function that a block of the handbook defines."""
    blocks = re.findall(r"```python\n(.*?)```", HANDBOOK.read_text(encoding="utf-8"), re.DOTALL)
    [block] = [block for block in blocks if block.startswith(f"def {name}(")]
    made: dict[str, Any] = {}
    exec(block, made)
    found: Callable[..., Any] = made[name]
    return found


def test_events_that_come_twice_or_late_are_ignored() -> None:
    is_news = defined("is_news")
    greatest: dict[str, int] = {}
    numbers = [("room", 1), ("room", 3), ("room", 2), ("room", 3), ("person", 2), ("room", 10), ("room", 9)]
    events = [{"source": "/practio/rooms", "subject": about, "sequence": str(number)} for about, number in numbers]
    assert [is_news(event, greatest) for event in events] == [True, True, False, False, True, True, False]
