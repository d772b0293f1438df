"""A service, or pages, as a process of its own."""

from dataclasses import dataclass

import httpx
from tests.support.eventually import eventually
from tests.support.stack.processes import Kept

READY_SECONDS = 60.0


@dataclass(frozen=True)
class Service:
    """One process, and where it answers over HTTP."""

    process: Kept
    url: str

    async def is_ready(self) -> bool:
        """Say whether it says that it can work."""
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            try:
                return (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK
            except httpx.HTTPError:
                return False

    async def start(self) -> None:
        """Start the process and wait until it is ready."""
        self.process.start()
        await self.ready()

    async def ready(self) -> None:
        """Wait until it is ready."""
        await eventually(self.is_ready, within=READY_SECONDS, saying=lambda: f"ready\n{self.process.tail()}")

    async def restart_after_kill(self) -> None:
        """Kill the process (``-9``) and start it again."""
        self.process.kill()
        await self.start()
