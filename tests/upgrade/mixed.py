"""A stack in which each service is of the release before or of the current one, on one broker and database."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from tests.support.clients.actions import OpenRoom
from tests.support.stack.running import RunningStack, stack_at, target_on
from tests.support.stack.servers import Servers
from tests.support.stack.service import RunningService
from tests.upgrade.expanding import expand
from tests.upgrade.release import Release

from practio_chassis.broker.topology import Carriage
from practio_contracts.catalogue import SERVICES
from practio_contracts.links import Link, Purpose
from practio_operator.dead_letters.queues import dead_letters
from practio_operator.invariants import run_checks
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.provisioning.provision import migrate, provision
from practio_operator.provisioning.target import ProvisionTarget

EVERYBODY = (*SERVICES, PAGES)


@dataclass(frozen=True)
class Mixed:
    """A stack, and the release before; tests change the release of each service."""

    stack: RunningStack
    before: Release
    migrated: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the schemas are those of the current release."""

    async def upgrade_what_they_stand_on(self) -> None:
        """Provision broker and database again, and migrate every schema to the current release, while services work.

        Then the schemas expand a step further, for there may be no migration between the two releases.
        Raise OperatorError if the broker contains something that cannot be converted.
        """
        await provision(self.stack.target)
        await migrate(self.stack.target)
        await expand(self.stack.target)
        self.migrated.set()

    async def carry_events(self, carriage: Carriage) -> None:
        """Have events travel between the services in this form, as an operator does with `practio provision`."""
        await provision(replace(self.stack.target, carriage=carriage))

    async def run_all(self, *, old: Collection[str]) -> None:
        """Have these run in the release before, and everybody else in the current one."""
        await asyncio.gather(*(self.run(name, old=name in old) for name in EVERYBODY))

    async def run(self, name: str, *, old: bool) -> None:
        """Stop a service as an upgrade does, and start it in one of the two releases; a new service has only one."""
        process = self._service(name).process
        command: tuple[str, ...] = (sys.executable, "-m", f"practio_{name}", "serve")
        if old and self.before.has(name):
            command = self.before.command(name, "serve")
        if process.runs and process.command == command:
            return
        if process.runs:
            process.stop()
        process.command = command
        await self._service(name).start()

    def page(self, purpose: Purpose, person: str, room: OpenRoom) -> str:
        """Return the URL of a person's page about a room."""
        return self.stack.links.url(Link(purpose, UUID(person), UUID(room.room_id), locale="en"))

    async def forget(self) -> None:
        """Drop earlier dead letters, so that each mix reports only its own."""
        async with dead_letters(self.stack.target) as letters:
            async for chunk in letters.chunks():
                await letters.drop(chunk)

    async def went_wrong(self, *, since: Counter[str]) -> list[str]:
        """Return dead letters, broken invariants, processes that are not ready, and complaints.

        ``since`` are the complaints of before. No server is stopped here, so there must be none. Invariants are checked
        once the schemas are those of the current release: its checks read no others.
        """
        looked = await run_checks(self.stack.target, wait_seconds=10) if self.migrated.is_set() else {}
        return [
            *(f"given up {often} times: {part}" for part, often in (await self._given_up()).items()),
            *(f"broken: {check.name}: {each.detail}" for check, findings in looked.items() for each in findings),
            *(f"not ready: {name}" for name in await self.stack.unready()),
            *(f"logged {often} times: {part}" for part, often in (self.stack.complaints() - since).items()),
        ]

    async def _given_up(self) -> Counter[str]:
        async with dead_letters(self.stack.target) as letters:
            return Counter(
                [f"{each.routing_key} from {each.queue}: {each.reason}, {each.detail}" async for each in letters]
            )

    def _service(self, name: str) -> RunningService:
        return self.stack.pages if name == PAGES else self.stack.services[name]


@asynccontextmanager
async def mixed_stack(servers: Servers, before: Release, folder: Path) -> AsyncIterator[Mixed]:
    """Run all of the release before, on a broker and database as that release provisions and migrates them."""
    target = target_on(servers)
    await _provision(before, target)
    mixed = Mixed(await stack_at(servers, target, folder), before)
    mixed.stack.mailbox.start()
    try:
        await mixed.run_all(old=EVERYBODY)
        yield mixed
    finally:
        mixed.stack.kill()
        mixed.stack.mailbox.stop()


async def _provision(before: Release, target: ProvisionTarget) -> None:
    delays = ",".join(str(each.total_seconds()) for each in target.retry_delays.values())
    process = await asyncio.create_subprocess_exec(
        *before.practio("provision", "--migrate", "--retry-seconds", delays),
        env=os.environ | _settings_of(target),
    )
    assert await process.wait() == 0, f"{before.name} could not be provisioned"


def _settings_of(target: ProvisionTarget) -> Mapping[str, str]:
    passwords = {
        f"PRACTIO_{service.upper()}_{part}_PASSWORD": password
        for service, its in target.passwords.items()
        for part, password in (("BROKER", its.broker), ("OWNER", its.owner), ("WORK", its.work))
    }
    return passwords | {
        "PRACTIO_BROKER_URL": target.broker_url,
        "PRACTIO_MANAGEMENT_URL": target.management_url,
        "PRACTIO_DATABASE_URL": target.database_url,
        "PRACTIO_PAGES_BROKER_PASSWORD": target.pages_password,
    }
