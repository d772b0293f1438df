"""What the machines of a test share that walk on the running stack from a thread beside its loop."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.support.clients.crowd import Crowd
from tests.support.clients.outside import Outside
from tests.support.faults.backdoor import Backdoor
from tests.support.stack.running import Stack

T = TypeVar("T")

PATIENCE_SECONDS = 180.0
"""How long one step may take, the broker's start included."""


@dataclass(frozen=True)
class World:
    """A stack, who speaks to it, and its back door; ``kills`` are how often a part may be killed yet, by its name."""

    stack: Stack
    crowd: Crowd
    backdoor: Backdoor
    loop: asyncio.AbstractEventLoop
    kills: Counter[str]

    @property
    def outside(self) -> Outside:
        """Give the connection that hears."""
        return self.crowd.outside

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop of the test, from the machine's thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE_SECONDS)

    async def kill(self, part: str) -> None:
        """Kill the broker or a service, and bring it back."""
        if part == "broker":
            self.stack.servers.broker.kill()
            await self.stack.servers.broker.start()
        else:
            await self.stack.services[part].restart_after_kill()
