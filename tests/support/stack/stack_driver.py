"""The helper of state machines that walk on the running stack from a thread beside its event loop."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.support.clients.outside import OutsideSystem
from tests.support.clients.parallel_publisher import ParallelPublisher
from tests.support.faults.backdoor import Backdoor
from tests.support.stack.running import RunningStack

T = TypeVar("T")

PATIENCE_SECONDS = 180.0
"""How long one step may take, the broker's start included."""


@dataclass(frozen=True)
class StackDriver:
    """A stack, its publisher, and the direct database access; ``kills`` is how often each part may still be killed."""

    stack: RunningStack
    publisher: ParallelPublisher
    backdoor: Backdoor
    loop: asyncio.AbstractEventLoop
    kills: Counter[str]

    @property
    def outside(self) -> OutsideSystem:
        """Return the connection that receives answers and events."""
        return self.publisher.outside

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
