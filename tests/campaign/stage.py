"""Everything that runs in a campaign: servers, copies of each service, their connections, the mail server."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.connection_proxy import ConnectionProxy
from tests.campaign.disks import Disk
from tests.campaign.mail import MoodyMailbox
from tests.campaign.servers import private
from tests.support.eventually import eventually
from tests.support.faults.server_control import ServerControl
from tests.support.stack.databases import migrate_here
from tests.support.stack.logins import broker_of, database_of
from tests.support.stack.mailbox import HOST
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.running import target_on
from tests.support.stack.servers import Servers
from tests.support.stack.service import RunningService

from practio_contracts.catalogue import COMMANDS, DIRECTORY, QUERIES, SERVICES
from practio_operator.provisioning.accounts import add_publisher
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.provision import provision
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.stack.ports import free_ports

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
"""The library of the Debian package `libfaketime`."""

TRUE_TIME = "+0"
START_SECONDS = 180.0
"""How long all copies together may take to start on a busy machine."""


@dataclass
class Copy:
    """One process of a service; ``clock`` is the file that steps its clock.

    While it is ``away``, a fault has taken it away and will bring it back.
    """

    name: str
    service: RunningService
    clock: Path
    away: bool = False

    @property
    def process(self) -> ManagedProcess:
        """Return the process."""
        return self.service.process

    def step_clock(self, offset: str) -> None:
        """Set the clock off by ``offset``, such as ``+1h``."""
        following = self.clock.with_suffix(".next")
        following.write_text(f"{offset}\n")
        following.replace(self.clock)


@dataclass
class Stage:
    """What faults are done to; ``exits`` has a sentence for each process that ended by itself."""

    servers: Servers
    target: ProvisionTarget
    copies: Mapping[str, Copy]
    proxies: Mapping[str, ConnectionProxy]
    disks: Mapping[str, Disk]
    mailbox: MoodyMailbox
    exits: list[str] = field(default_factory=list)

    def server(self, name: str) -> tuple[ServerControl, ManagedProcess]:
        """Return the broker or the database, and its process."""
        server = self.servers.broker if name == "broker" else self.servers.database
        assert isinstance(server.lifecycle, ManagedProcess)
        return server, server.lifecycle

    async def account(self, name: str, *, listen: Sequence[str] = (), as_system: bool = False) -> str:
        """Make an outside account that may publish any key, and return its AMQP URL.

        A grant allows the keys of the catalogue alone; what gets past a broker must not harm the services either.
        """
        password = secrets.token_hex(8)
        may = [*(f"{service}.*" for service in SERVICES), "people.*"]
        await add_publisher(self.target, name, password, may=may, listen=listen, as_system=as_system)
        async with management(self.target) as broker:
            for exchange in (COMMANDS, QUERIES, DIRECTORY):
                anything = {"exchange": exchange, "write": ".*", "read": ".*"}
                await broker.put("topic-permissions", broker.vhost, name, body=anything)
        return self.target.broker_as(name, password)

    async def start(self) -> None:
        """Start everything, and return when it is ready."""
        self.mailbox.start()
        for copy in self.copies.values():
            copy.step_clock(TRUE_TIME)
            copy.process.start()
        await asyncio.gather(*(self._ready(copy) for copy in self.copies.values()))

    async def _ready(self, copy: Copy) -> None:
        await eventually(copy.service.is_ready, within=START_SECONDS, message=lambda: f"ready\n{copy.process.tail()}")

    async def unready(self) -> list[str]:
        """Return who is not ready; start again what ended without having been asked to, and note it."""
        for copy in self.copies.values():
            if not copy.away and not copy.process.runs:
                self.exits.append(f"{copy.name} ended by itself; the end of its log:\n{copy.process.tail(3)}")
                copy.process.start()
        ready = await asyncio.gather(*(copy.service.is_ready() for copy in self.copies.values()))
        return [name for name, is_ready in zip(self.copies, ready, strict=True) if not is_ready]

    def end(self) -> None:
        """Kill the services and close the mailbox."""
        for copy in self.copies.values():
            with suppress(AssertionError):  # it was never started
                copy.process.kill()
        with suppress(AssertionError):  # it was stopped already
            self.mailbox.stop()


@asynccontextmanager
async def staged(
    folder: Path, *, copies: int, proxies: bool = False, disks: bool = False, clocks: bool = False
) -> AsyncIterator[Stage]:
    """Start servers, and so many copies of each service, for as long as the block runs; logs go into ``folder``.

    With ``proxies`` the connections of each copy can be cut, with ``disks`` each server has a disk that can be filled,
    with ``clocks`` each copy a clock that can be stepped.
    """
    async with AsyncExitStack() as stack:
        servers, mounts = await stack.enter_async_context(private(folder, disks=disks))
        target = target_on(servers)
        await provision(target)
        await migrate_here(target)
        names = [f"{service}-{number + 1}" for service in SERVICES for number in range(copies)]
        urls = {"broker": target.broker_url, "database": target.database_url} if proxies else {}
        through = {
            f"{name}/{server}": await stack.enter_async_context(ConnectionProxy.to(url))
            for name in names
            for server, url in urls.items()
        }
        smtp_port, *ports = free_ports(1 + len(names))
        stage = Stage(
            servers=servers,
            target=target,
            copies={
                name: _copy(name, port, target, through, smtp_port, folder, clocks=clocks)
                for name, port in zip(names, ports, strict=True)
            },
            proxies=through,
            disks=mounts,
            mailbox=MoodyMailbox(smtp_port),
        )
        stack.callback(stage.end)
        await stage.start()
        yield stage


def _copy(
    name: str,
    port: int,
    target: ProvisionTarget,
    proxies: Mapping[str, ConnectionProxy],
    smtp_port: int,
    folder: Path,
    *,
    clocks: bool,
) -> Copy:
    service = name.rpartition("-")[0]
    clock = folder / f"{name}.clock"
    environment = _clean_environment() | {
        "PRACTIO_HTTP_PORT": str(port),
        "PRACTIO_BROKER_URL": _over(proxies.get(f"{name}/broker"), broker_of(target, service)),
        "PRACTIO_DATABASE_URL": _over(proxies.get(f"{name}/database"), database_of(target, service)),
        **_mail(smtp_port),
        **(_stepped_by(clock) if clocks else {}),
    }
    process = ManagedProcess(
        name=name,
        command=(sys.executable, "-m", f"practio_{service}", "serve"),
        environment=environment,
        log=folder / f"{name}.log",
    )
    return Copy(name, RunningService(process, f"http://127.0.0.1:{port}"), clock)


def _over(proxy: ConnectionProxy | None, url: str) -> str:
    """Return the URL of a server, over its proxy if there is one."""
    return proxy.through(url) if proxy else url


def _mail(port: int) -> dict[str, str]:
    """Return settings with which a mail server's faults are noticed, and what failed is sent again, within seconds."""
    return {
        "PRACTIO_SMTP_HOST": HOST,
        "PRACTIO_SMTP_PORT": str(port),
        "PRACTIO_SMTP_SECURITY": "none",
        "PRACTIO_SMTP_TIMEOUT": "10",
        "PRACTIO_MAIL_FROM": "Practio <practio@example.org>",
        "PRACTIO_MAIL_RETRY_FIRST": "1",
        "PRACTIO_MAIL_RETRY_MOST": "5",
    }


def _stepped_by(clock: Path) -> dict[str, str]:
    """Return what loads libfaketime: the time of day follows the file within a second, the monotonic clock never."""
    return {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def _clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("PRACTIO_", "PG"))}
