"""The programs that the supervisor keeps running."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

MARK = "PRACTIO_STACK"
"""The variable in the environment of every process of a stack; its value is the stack's home."""


@dataclass(frozen=True)
class Program:
    """One supervised process: its command, its user, and how it is stopped."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    user: str | None = None
    stop_signal: Literal["TERM", "INT"] = "TERM"
    stop_seconds: int = 40
