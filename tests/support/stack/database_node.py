"""One of two databases as ``deploy/postgres/node.sh`` runs it: from the machine's own programs instead of an image."""

import asyncio
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from tests.support.stack.processes import ManagedProcess

from practio_operator.stack.accounts import change_owner
from practio_operator.stack.home import CHECKOUT, Home
from practio_operator.stack.postgres import ADMINISTRATOR, Postgres
from practio_operator.stack.programs import MARK

NODE = CHECKOUT / "deploy" / "postgres" / "node.sh"
RULES = CHECKOUT / "deploy" / "postgres" / "pg_hba.conf"
IMAGE = Path(__file__).with_name("image")
"""What node.sh finds in the image and not on a machine."""

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Node:
    """A primary or a standby; its data say which. ``process`` is the server."""

    name: str
    postgres: Postgres
    process: ManagedProcess
    url: str

    @property
    def address(self) -> str:
        """Return host and port of its URL."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    async def does(self, command: str, *, exits: int = 0) -> str:
        """Run a command of node.sh on this node and return what it says. Fail if it does not exit with ``exits``."""
        running = await asyncio.create_subprocess_exec(
            "bash",
            str(NODE),
            command,
            env=self.process.environment,
            cwd="/",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await running.communicate()
        assert running.returncode == exits, f"node.sh {command}: {running.returncode}\n{output.decode()}"
        return output.decode()

    async def asked(self, query: str) -> Any:
        """Return the value that the server answers to a query."""
        connection = await asyncpg.connect(self.url, timeout=5)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close(timeout=5)

    async def leads(self) -> bool:
        """Return whether it is a primary that answers."""
        try:
            return await self.asked("SELECT pg_is_in_recovery()") is False
        except (OSError, asyncpg.PostgresError):
            return False

    async def follower(self) -> tuple[str, str] | None:
        """Return the name and the kind (sync, async) of the standby that receives from it; None without one."""
        query = "SELECT ROW(application_name, sync_state) FROM pg_stat_replication WHERE state = 'streaming'"
        found: tuple[str, str] | None = await self.asked(query)
        return found


@dataclass(frozen=True)
class Surroundings:
    """How nodes are run apart from their data and ports; ``commands`` and ``environments`` are by the names of nodes.

    ``rules`` is the file of those who may connect; ``host`` and ``query`` belong to the URL of the administrator, whose
    password is new if there is none.
    """

    commands: Mapping[str, Sequence[str]] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rules: Path = RULES
    host: str = HOST
    query: str = ""
    password: str | None = None


def a_node(postgres: Postgres, *, name: str, peer: str, peer_port: int, around: Surroundings, home: Home) -> Node:
    """Return a node, which is not started; the data of a standby are still to be copied."""
    rules = postgres.data.with_name(f"{postgres.data.name}.hba.conf")
    shutil.copy(around.rules, rules)
    change_owner(rules, postgres.account)
    settings = {"hba_file": rules, "port": postgres.port, "listen_addresses": HOST, "unix_socket_directories": ""}
    environment = {
        "PATH": f"{IMAGE}:{postgres.binaries}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        MARK: str(home.folder),
        "NODE": name,
        "PEER": peer,
        "PGDATA": str(postgres.data),
        "PGHOSTADDR": HOST,
        "PGPORT": str(postgres.port),
        "POSTGRES_DB": "practio",
        "POSTGRES_PASSWORD": postgres.password,
        "POSTGRES_USER": ADMINISTRATOR,
        **around.environments.get(name, {}),
    }
    way = f"hostaddr={HOST} port={peer_port} {environment.get('PEER_OPTIONS', '')}"
    process = ManagedProcess(
        name=name,
        command=(
            *around.commands.get(name, ("bash", str(NODE), "serve")),
            *(part for key, value in settings.items() for part in ("-c", f"{key}={value}")),
        ),
        environment=environment | {"PEER_OPTIONS": way},
        log=home.folder / f"{name}.log",
        folder=Path("/"),
        stop_signal=signal.SIGINT,
    )
    return Node(name, postgres, process, postgres.url.replace(HOST, around.host) + around.query)
