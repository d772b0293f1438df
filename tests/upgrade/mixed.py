"""A stack in which each service is of the release before or of the current one, on one broker and database."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import Servers
from tests.support.service import Service
from tests.support.stack import Stack, stack_at, target_on
from tests.upgrade.release import Release

from practio_contracts.catalogue import SERVICES
from practio_operator.pages import PAGES
from practio_operator.provision import migrate, provision
from practio_operator.provision_target import ProvisionTarget

EVERYBODY = (*SERVICES, PAGES)


@dataclass(frozen=True)
class Mixed:
    """A stack, and the release before; who is of which release changes as tests say."""

    stack: Stack
    before: Release

    async def migrate(self) -> None:
        """Bring every schema to the current release, while whoever runs goes on working."""
        await migrate(self.stack.target)

    async def run_all(self, *, old: bool) -> None:
        """Have everybody run in one of the two releases."""
        await asyncio.gather(*(self.run(name, old=old) for name in EVERYBODY))

    async def run(self, name: str, *, old: bool) -> None:
        """Stop a service as an upgrade does, and start it in one of the two releases; what is new has only one."""
        process = self._service(name).process
        command = (sys.executable, "-m", f"practio_{name}", "serve")
        if old and self.before.has(name):
            command = self.before.command(name, "serve")
        if process.runs and process.command == command:
            return
        if process.runs:
            process.stop()
        process.command = command
        await self._service(name).start()

    def _service(self, name: str) -> Service:
        return self.stack.pages if name == PAGES else self.stack.services[name]


@asynccontextmanager
async def mixed_stack(servers: Servers, before: Release, folder: Path) -> AsyncIterator[Mixed]:
    """Run the release before on its own schema; the broker is provisioned by the current one, as it is done first."""
    target = target_on(servers)
    await provision(target)
    await asyncio.gather(*(_migrate(before, target, service) for service in SERVICES))
    mixed = Mixed(await stack_at(servers, target, folder), before)
    mixed.stack.mailbox.start()
    try:
        await mixed.run_all(old=True)
        yield mixed
    finally:
        mixed.stack.kill()
        mixed.stack.mailbox.stop()


async def _migrate(before: Release, target: ProvisionTarget, service: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *before.command(service, "migrate"),
        env=os.environ | {"PRACTIO_DATABASE_URL": target.database_of_owner(service)},
    )
    assert await process.wait() == 0, f"the schema {service} of {before.name}"
