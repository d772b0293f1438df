"""PostgreSQL and RabbitMQ from the machine's own programs, private to one test run."""

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from shutil import disk_usage

import psutil
from tests.support.faults.server_control import ServerControl
from tests.support.parallel import one_at_a_time
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.servers import Servers

from practio_operator.stack.accounts import server_data
from practio_operator.stack.database import ensure_database
from practio_operator.stack.home import Home
from practio_operator.stack.native import private_servers, server_accounts
from practio_operator.stack.processes import end_leftovers
from practio_operator.stack.programs import MARK, Program
from practio_operator.stack.stack import Backing, StackConfig

WITHOUT_FSYNC = ("-c", "fsync=off")
"""Only a crash of the machine would show the difference: the kernel keeps what a killed PostgreSQL wrote."""

MEMORY = Path("/dev/shm")
"""Files there are in memory, and outlive a killed server like files on a disk."""

ENOUGH_BYTES = 8 * 1024**3
"""More than the servers of all workers write in a whole run."""


@asynccontextmanager
async def native_servers(folder: Path, *, fsync: bool) -> AsyncIterator[Servers]:
    """Yield fresh servers whose logs are in ``folder``; they and their data are gone at the end.

    Without ``fsync`` they do not wait for the disk, as tests need not and measurements must.
    """
    home = Home(folder)
    data = server_data(home, server_accounts()) if fsync or not _has_room_in_memory() else _folder_in_memory()
    stack = StackConfig.new(Backing.NATIVE)
    try:
        with one_at_a_time():  # the first to come may install them
            servers = private_servers(data, stack.ports, stack.secrets)
        postgres, rabbitmq = await servers.prepare()
        if not fsync:
            postgres = replace(postgres, command=(*postgres.command, *WITHOUT_FSYNC))
        database, broker = managed(postgres, home), managed(rabbitmq, home)
        database.start()
        broker.start()
        found = await Servers(
            backing=Backing.NATIVE,
            urls=servers.urls,
            broker=ServerControl("broker", broker, servers.rabbitmq.is_ready),
            database=ServerControl("database", database, servers.postgres.is_ready),
        ).ready()
        await ensure_database(servers.postgres.url)
        yield found
        # Nobody reads their data any more: an orderly stop would take seconds.
        database.kill()
        broker.kill()
    finally:
        end_leftovers(home)
        shutil.rmtree(data)


def _has_room_in_memory() -> bool:
    """Return whether the data of several servers fit into memory: RabbitMQ always waits for its disk.

    It writes and waits for each queue and each message, hundreds of times before a test can begin.
    """
    available = psutil.virtual_memory().available
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and min(disk_usage(MEMORY).free, available) > ENOUGH_BYTES


def _folder_in_memory() -> Path:
    """Return a new folder in memory; those of runs that were killed are deleted, since they would take it for good."""
    for left in MEMORY.glob("practio-tests-*"):
        if not psutil.pid_exists(int(left.name.split("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"practio-tests-{os.getpid()}-", dir=MEMORY))
    folder.chmod(0o711)
    return folder


def managed(program: Program, home: Home) -> ManagedProcess:
    """Return the process of a server, whose log is in ``home``."""
    inherited = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "TZ")}
    return ManagedProcess(
        name=program.name,
        command=program.command,
        environment=inherited | program.environment | {MARK: str(home.folder)},
        log=home.folder / f"{program.name}.log",
        user=program.user,
        folder=program.folder,
        stop_signal=signal.Signals[f"SIG{program.stop_signal}"],
    )
