"""The whole of Practio as real processes: provisioned, migrated, running, with a mailbox and an outside account."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from tests.support.eventually import eventually
from tests.support.keeper import Kept
from tests.support.mailbox import HOST, Mailbox
from tests.support.outside import Outside
from tests.support.passwords import service_passwords
from tests.support.servers import Servers

from practio_contracts.catalogue import SERVICES
from practio_operator.accounts import add_publisher
from practio_operator.local.ports import free_ports
from practio_operator.provision import migrate, provision
from practio_operator.provision_target import ProvisionTarget

OUTSIDE = "directory"
READY_SECONDS = 60.0
SHORT_DELAYS = {"5s": timedelta(seconds=0.3), "1m": timedelta(seconds=0.5), "10m": timedelta(seconds=0.7)}


@dataclass(frozen=True)
class Service:
    """One service as a process, and its HTTP pages."""

    process: Kept
    url: str

    async def is_ready(self) -> bool:
        """Say whether the service says that it can work."""
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
        """Wait until the service is ready."""
        await eventually(self.is_ready, within=READY_SECONDS, saying=lambda: f"ready\n{self.process.tail()}")

    async def restart_after_kill(self) -> None:
        """Kill the process (``-9``) and start it again."""
        self.process.kill()
        await self.start()


@dataclass(frozen=True)
class Stack:
    """Three services on real servers; ``outside_url`` is the account of an outside system."""

    servers: Servers
    target: ProvisionTarget
    services: Mapping[str, Service]
    mailbox: Mailbox
    outside_url: str

    def outside(self) -> Outside:
        """Give the outside system, to be entered."""
        return Outside(self.outside_url, f"outside.{OUTSIDE}")

    async def heal(self) -> None:
        """Bring back whatever a test took away, and wait until all is ready."""
        for switch in (self.servers.database, self.servers.broker):
            if not await switch.answers():
                await switch.start()
        for service in self.services.values():
            if not service.process.runs:
                service.process.start()
        await asyncio.gather(*(service.ready() for service in self.services.values()))

    def logs(self) -> str:
        """Give the ends of all logs."""
        return "\n".join(f"--- {each.process.log}\n{each.process.tail(40)}" for each in self.services.values())


@asynccontextmanager
async def running_stack(servers: Servers, folder: Path) -> AsyncIterator[Stack]:
    """Provision, migrate and run everything for as long as the context lasts; logs go into ``folder``."""
    target = _target(servers)
    await provision(target)
    await migrate(target)
    mailbox = Mailbox(free_ports(1)[0])
    mailbox.start()
    services = {name: _service(name, target, mailbox.port, folder) for name in SERVICES}
    stack = Stack(servers, target, services, mailbox, await _outside_account(target))
    try:
        await stack.heal()
        yield stack
    finally:
        for service in services.values():
            service.process.kill()
        mailbox.stop()


def _target(servers: Servers) -> ProvisionTarget:
    return ProvisionTarget(
        broker_url=servers.urls.broker_url,
        management_url=servers.urls.management_url,
        database_url=servers.urls.database_url,
        passwords=service_passwords(),
        retry_delays=SHORT_DELAYS,
    )


async def _outside_account(target: ProvisionTarget) -> str:
    password = secrets.token_hex(8)
    may = [*(f"{service}.*" for service in SERVICES), "people.*"]
    await add_publisher(target, OUTSIDE, password, may=may, listen=["#"], as_system=True)
    return target.broker_as(OUTSIDE, password)


def _service(name: str, target: ProvisionTarget, smtp_port: int, folder: Path) -> Service:
    port = free_ports(1)[0]
    process = Kept(
        name=name,
        command=(sys.executable, "-m", f"practio_{name}", "serve"),
        environment=_clean_environment() | _settings(name, target, http_port=port, smtp_port=smtp_port),
        log=folder / f"{name}.log",
    )
    return Service(process, f"http://127.0.0.1:{port}")


def _settings(name: str, target: ProvisionTarget, *, http_port: int, smtp_port: int) -> dict[str, str]:
    return {
        "PRACTIO_BROKER_URL": target.broker_of(name),
        "PRACTIO_DATABASE_URL": target.database_of(name),
        "PRACTIO_HTTP_PORT": str(http_port),
        "PRACTIO_SMTP_HOST": HOST,
        "PRACTIO_SMTP_PORT": str(smtp_port),
        "PRACTIO_SMTP_SECURITY": "none",
        "PRACTIO_MAIL_FROM": "Practio <practio@example.org>",
    }


def _clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("PRACTIO_", "PG"))}
