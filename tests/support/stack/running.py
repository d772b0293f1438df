"""The whole of Practio as real processes: provisioned, migrated, running, with a mailbox and an outside account."""

import asyncio
import os
import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.complaints import complaints
from tests.support.stack.databases import migrate_here
from tests.support.stack.logins import broker_of, database_of
from tests.support.stack.mailbox import HOST, Mailbox
from tests.support.stack.passwords import pages_password, service_passwords
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.servers import Servers
from tests.support.stack.service import RunningService

from practio_contracts.catalogue import SERVICES
from practio_contracts.links import Links
from practio_operator.provisioning.accounts import add_publisher
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.provisioning.provision import provision
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.stack.ports import free_ports

OUTSIDE = "directory"
SHORT_DELAYS = {"5s": timedelta(seconds=0.3), "1m": timedelta(seconds=0.5), "10m": timedelta(seconds=0.7)}


@dataclass(frozen=True)
class RunningStack:
    """Three services and pages on real servers; ``outside_url`` is the account of an outside system."""

    servers: Servers
    target: ProvisionTarget
    services: Mapping[str, RunningService]
    pages: RunningService
    links: Links
    mailbox: Mailbox
    outside_url: str

    @property
    def pages_url(self) -> str:
        """Return the URL under which readers of letters reach pages."""
        return self.pages.url

    @property
    def pages_broker_url(self) -> str:
        """Return the AMQP URL of the account of pages."""
        return self.target.broker_as(PAGES, self.target.pages_password)

    def outside(self) -> OutsideSystem:
        """Return the outside system, to be entered."""
        return OutsideSystem(self.outside_url, f"outside.{OUTSIDE}")

    async def heal(self) -> None:
        """Restore everything that a test stopped, and wait until all is ready."""
        for switch in (self.servers.database, self.servers.broker):
            if not await switch.answers():
                await switch.start()
        for each in self._ours:
            if not each.process.runs:
                each.process.start()
        await asyncio.gather(*(each.ready() for each in self._ours))

    def logs(self) -> str:
        """Return the ends of all logs."""
        return "\n".join(f"--- {each.process.log}\n{each.process.tail(40)}" for each in self._ours)

    def complaints(self) -> Counter[str]:
        """Return the complaints of services and pages since they were first started, and how often."""
        return complaints(each.process.log for each in self._ours)

    async def unready(self) -> list[str]:
        """Return the names of processes that are not ready."""
        return [each.process.name for each in self._ours if not await each.is_ready()]

    def kill(self) -> None:
        """Kill services and pages (``-9``), at the end of everything."""
        for each in self._ours:
            each.process.kill()

    @property
    def _ours(self) -> list[RunningService]:
        return [*self.services.values(), self.pages]


@asynccontextmanager
async def running_stack(servers: Servers, folder: Path) -> AsyncIterator[RunningStack]:
    """Provision, migrate and run everything for as long as the context lasts; logs go into ``folder``.

    People whom no directory publishes may introduce themselves.
    """
    target = target_on(servers)
    await provision(target)
    await migrate_here(target)
    stack = await stack_at(servers, target, folder, PRACTIO_SELF_INTRODUCTION="confirmed")
    stack.mailbox.start()
    try:
        await stack.heal()
        yield stack
    finally:
        stack.kill()
        stack.mailbox.stop()


async def stack_at(servers: Servers, target: ProvisionTarget, folder: Path, **links: str) -> RunningStack:
    """Return everything that is to run on servers that were provisioned and migrated; nothing is started.

    ``links`` are settings that notifications and pages share, besides the usual ones.
    """
    smtp_port, *ports = free_ports(2 + len(SERVICES))
    http = dict(zip([*SERVICES, PAGES], ports, strict=True))
    pages_url, key = f"http://127.0.0.1:{http[PAGES]}", secrets.token_hex(32)
    shared = {"PRACTIO_PAGES_URL": pages_url, "PRACTIO_LINK_KEYS": key} | links
    settings = {name: _settings(name, target, smtp_port=smtp_port) | shared for name in SERVICES}
    settings[PAGES] = {"PRACTIO_BROKER_URL": target.broker_as(PAGES, target.pages_password)} | shared
    ours = {name: _service(name, http[name], settings[name], folder) for name in settings}
    return RunningStack(
        servers=servers,
        target=target,
        pages=ours.pop(PAGES),
        services=ours,
        links=Links(pages_url, [key]),
        mailbox=Mailbox(smtp_port),
        outside_url=await _outside_account(target),
    )


def target_on(servers: Servers) -> ProvisionTarget:
    """Return the target for provisioning the stack, with new secrets and short delays."""
    return ProvisionTarget(
        broker_url=servers.urls.broker_url,
        management_url=servers.urls.management_url,
        database_url=servers.urls.database_url,
        passwords=service_passwords(),
        pages_password=pages_password(),
        retry_delays=SHORT_DELAYS,
    )


async def _outside_account(target: ProvisionTarget) -> str:
    password = secrets.token_hex(8)
    may = [*(f"{service}.*" for service in SERVICES), "people.*"]
    await add_publisher(target, OUTSIDE, password, may=may, listen=["#"], as_system=True)
    return target.broker_as(OUTSIDE, password)


def _service(name: str, port: int, settings: dict[str, str], folder: Path) -> RunningService:
    process = ManagedProcess(
        name=name,
        command=(sys.executable, "-m", f"practio_{name}", "serve"),
        environment=_clean_environment() | {"PRACTIO_HTTP_PORT": str(port)} | settings,
        log=folder / f"{name}.log",
    )
    return RunningService(process, f"http://127.0.0.1:{port}")


def _settings(name: str, target: ProvisionTarget, *, smtp_port: int) -> dict[str, str]:
    return {
        "PRACTIO_BROKER_URL": broker_of(target, name),
        "PRACTIO_DATABASE_URL": database_of(target, name),
        "PRACTIO_SMTP_HOST": HOST,
        "PRACTIO_SMTP_PORT": str(smtp_port),
        "PRACTIO_SMTP_SECURITY": "none",
        "PRACTIO_MAIL_FROM": "Practio <practio@example.org>",
        "PRACTIO_MAIL_REPLIES": "answers+{reply}@example.org",
    }


def _clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("PRACTIO_", "PG"))}
