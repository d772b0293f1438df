"""An installation by compose.yaml and compose.database-standby.yaml: all of Practio on a primary and its standby."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.integration.compose.cluster import HTTP, OUTSIDE, Cluster
from tests.integration.compose.docker_stack import docker
from tests.support.clients.outside import OutsideSystem

from practio_operator.stack.home import CHECKOUT
from practio_operator.stack.ports import free_ports

FILES = ("compose.yaml", "compose.database-standby.yaml")
PORTS = ("BROKER", "MANAGEMENT", "DATABASE", "DATABASE_STANDBY", "MAIL")
NODE = "bash /usr/local/lib/practio/node.sh"


@dataclass(frozen=True)
class Pair(Cluster):
    """A Compose project on ports of its own; ``settings`` are beside them."""

    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, **settings: str) -> "Pair":
        """Choose ports and a name; nothing runs yet."""
        names = (*PORTS, *HTTP)
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        return cls(f"practio-standby-{ports['BROKER']}", ports, FILES, settings)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of Compose."""
        return {f"PRACTIO_{name}_PORT": str(port) for name, port in self.ports.items()} | dict(self.settings)

    async def compose(self, *arguments: str) -> str:
        """Let Compose do something; gives its output, and fails where it does."""
        files = (part for name in self.files for part in ("--file", str(CHECKOUT / "deploy" / name)))
        return await docker("compose", "--project-name", self.name, *files, *arguments, environment=self.environment)

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """Run all for as long as the context lasts; at the end it is down, with its data."""
        try:
            await self.compose("up", "--build", "--detach", "--wait", "--wait-timeout", "300")
            yield
        finally:
            await self.compose("down", "--volumes", "--remove-orphans")

    def outside(self) -> OutsideSystem:
        """Return the outside system, to be entered."""
        url = f"amqp://{OUTSIDE}:demo-outside@127.0.0.1:{self.ports['BROKER']}/practio?heartbeat=5"
        return OutsideSystem(url, f"outside.{OUTSIDE}")

    async def node(self, name: str, command: str) -> str:
        """Run a command of deploy/postgres/node.sh beside a server that runs."""
        return await self.on(name, f"{NODE} {command}")

    async def stopped_node(self, name: str, command: str) -> str:
        """Run a command of deploy/postgres/node.sh on the data of a server that is stopped."""
        return await self.compose("run", "--rm", "--no-deps", "--no-TTY", name, command)

    async def asked(self, name: str, sql: str) -> str:
        """Return what a server answers to SQL."""
        return (await self.compose("exec", "--no-TTY", name, *PSQL, sql)).strip()


PSQL = ("psql", "--username=practio_admin", "--dbname=practio", "-Atc")
