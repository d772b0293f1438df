"""The programs that the supervisor keeps running."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

MARK = "PRACTIO_STACK"
"""The variable that every process of a stack carries in its environment; its value is the stack's home."""


@dataclass(frozen=True)
class Program:
    """One supervised process: how to start it, as whom, and how it is asked to stop."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    user: str | None = None
    stop_signal: Literal["TERM", "INT"] = "TERM"
    stop_seconds: int = 40
