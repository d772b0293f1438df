"""A server that a test may stop and start again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from tests.support.eventually import STARTING_SECONDS, eventually

START_SECONDS = 120.0


class Lifecycle(Protocol):
    """How one server is started, stopped and killed: a process, or a container."""

    def start(self) -> None:
        """Start it, with the data that it had."""

    def stop(self) -> object:
        """Ask it to stop, and wait until it did."""

    def kill(self) -> None:
        """Kill it (``-9``), and wait until it is gone."""


@dataclass(frozen=True)
class ServerControl:
    """One server, and how to know that it answers."""

    name: str
    lifecycle: Lifecycle
    answers: Callable[[], Awaitable[bool]]

    async def start(self) -> None:
        """Start the server and wait until it answers."""
        self.lifecycle.start()
        await eventually(self.answers, within=START_SECONDS, message=f"{self.name} answers", pause=STARTING_SECONDS)

    def stop(self) -> None:
        """Stop the server as an administrator does."""
        self.lifecycle.stop()

    def kill(self) -> None:
        """Kill the server as a power cut does."""
        self.lifecycle.kill()
