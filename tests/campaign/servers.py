"""The private servers of a campaign, each on a disk of its own where that can be."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tests.campaign.disks import Disk, mounted
from tests.support.faults.server_control import ServerControl
from tests.support.stack.native import managed
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.servers import Servers

from practio_operator.stack.accounts import server_data
from practio_operator.stack.database import ensure_database
from practio_operator.stack.home import Home
from practio_operator.stack.native import PrivateServers, private_servers, server_accounts
from practio_operator.stack.processes import end_leftovers
from practio_operator.stack.programs import Program
from practio_operator.stack.rabbitmq import end_mapper
from practio_operator.stack.stack import Backing, StackConfig

_SETTINGS = {
    "database": ("postgresql.conf", "max_wal_size = '256MB'\n"),
    "broker": ("rabbitmq.conf", "raft.wal_max_size_bytes = 67108864\n"),
}
"""Smaller logs than usual, so that they turn over during a run."""


@asynccontextmanager
async def private(folder: Path, *, disks: bool) -> AsyncIterator[tuple[Servers, Mapping[str, Disk]]]:
    """Start both servers for as long as the block runs, and yield them with their disks, if they have any."""
    home = Home(folder)
    data = server_data(home, server_accounts())
    decided = StackConfig.new(Backing.NATIVE)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        places = {name: data / name for name in _SETTINGS}
        mounts = {
            name: stack.enter_context(mounted(place, data / f"{name}.img")) for name, place in places.items() if disks
        }
        stack.callback(end_leftovers, home)
        stack.callback(end_mapper, decided.ports.mapper)
        servers = _on_disks(private_servers(data, decided.ports, decided.secrets), mounts)
        found = _switched(servers, [_run(stack, program, home) for program in await servers.prepare()])
        await found.ready()
        await ensure_database(servers.postgres.url)
        yield found, mounts


def _on_disks(servers: PrivateServers, disks: Mapping[str, Disk]) -> PrivateServers:
    """Put each server's data one folder below the top of its disk, beside the ballast."""
    if not disks:
        return servers
    return PrivateServers(
        postgres=replace(servers.postgres, data=disks["database"].place / "data"),
        rabbitmq=replace(servers.rabbitmq, data=disks["broker"].place / "data"),
    )


def _run(stack: ExitStack, program: Program, home: Home) -> ManagedProcess:
    name, text = _SETTINGS[program.name]
    assert program.folder is not None
    with (program.folder / name).open("a") as settings:
        settings.write(text)
    process = managed(program, home)
    process.start()
    stack.callback(process.kill)
    return process


def _switched(servers: PrivateServers, processes: list[ManagedProcess]) -> Servers:
    database, broker = processes
    return Servers(
        backing=Backing.NATIVE,
        urls=servers.urls,
        broker=ServerControl("broker", broker, servers.rabbitmq.is_ready),
        database=ServerControl("database", database, servers.postgres.is_ready),
    )
