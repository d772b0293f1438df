"""A service, or pages, as a process of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from tests.support.eventually import STARTING_SECONDS, eventually
from tests.support.stack.processes import ManagedProcess

from practio_operator.execution.http import NO_AUTHORITIES
from practio_operator.stack.ports import free_ports

READY_SECONDS = 60.0


@dataclass(frozen=True)
class RunningService:
    """One process, and the URL of its HTTP port."""

    process: ManagedProcess
    url: str

    async def is_ready(self) -> bool:
        """Return whether it reports ready."""
        async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=5) as client:
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
        await eventually(
            self.is_ready,
            within=READY_SECONDS,
            message=lambda: f"ready\n{self.process.tail()}",
            pause=STARTING_SECONDS,
        )

    @asynccontextmanager
    async def copy(self) -> AsyncIterator["RunningService"]:
        """Run a second copy beside this one for as long as the block lasts."""
        port = free_ports(1)[0]
        own = self.process
        process = ManagedProcess(
            name=f"{own.name}-copy",
            command=own.command,
            environment=own.environment | {"PRACTIO_HTTP_PORT": str(port)},
            log=own.log.with_name(f"{own.name}-copy.log"),
        )
        copy = RunningService(process, f"http://127.0.0.1:{port}")
        await copy.start()
        try:
            yield copy
        finally:
            process.kill()

    async def restart_after_kill(self) -> None:
        """Kill the process (``-9``) and start it again."""
        self.process.kill()
        await self.start()
