"""An installation by compose.yaml and compose.cluster.yaml: three brokers, and all of Practio on them."""

import json
import shlex
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from tests.integration.compose.docker_stack import docker
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.mail_catcher import MailCatcher

from practio_operator.stack.home import CHECKOUT
from practio_operator.stack.ports import free_ports

FILES = ("compose.yaml", "compose.cluster.yaml")
NODES = ("broker", "broker-2", "broker-3")
PORTS = ("BROKER", "BROKER_2", "BROKER_3", "MANAGEMENT", "DATABASE", "MAIL")
HTTP = ("ROOMS", "MEMBERSHIP", "NOTIFICATIONS", "PAGES")
OUTSIDE = "outside"
BACK_SECONDS = 180.0


@dataclass(frozen=True)
class Cluster:
    """A Compose project with its own ports, by their names in .env.example."""

    name: str
    ports: Mapping[str, int]
    files: Sequence[str] = FILES

    @classmethod
    def settle(cls) -> "Cluster":
        """Choose ports and a name; nothing runs yet."""
        names = (*PORTS, *HTTP)
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        return cls(f"practio-cluster-{ports['BROKER']}", ports)

    @property
    def before(self) -> "Cluster":
        """Return the installation as it was with one broker."""
        return replace(self, files=FILES[:1])

    async def compose(self, *arguments: str) -> str:
        """Run Compose; return its output, and fail if it fails."""
        files = (part for name in self.files for part in ("--file", str(CHECKOUT / "deploy" / name)))
        settings = {f"PRACTIO_{name}_PORT": str(port) for name, port in self.ports.items()}
        return await docker("compose", "--project-name", self.name, *files, *arguments, environment=settings)

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """Run all for as long as the context lasts; at the end it is down, with all it has grown to."""
        try:
            await self.compose("up", "--build", "--detach", "--wait", "--wait-timeout", "300")
            yield
        finally:
            await replace(self, files=FILES).compose("down", "--volumes", "--remove-orphans")

    def outside(self) -> OutsideSystem:
        """Return the outside system, to be entered: it connects to the first node, and to another once that is down."""
        url, *others = map(self._url, NODES)
        return OutsideSystem(url, f"outside.{OUTSIDE}", other_urls=others)

    @property
    def mail(self) -> MailCatcher:
        """Return the letters that came."""
        return MailCatcher(f"http://127.0.0.1:{self.ports['MAIL']}")

    def http(self, part: str) -> str:
        """Return the URL of the HTTP port of a service or pages."""
        return f"http://127.0.0.1:{self.ports[part.upper()]}"

    async def practio(self, command: str) -> str:
        """Run `practio` on the internal network, as deploy/README.md says; fail if it does not exit with 0."""
        inside = ("run", "--rm", "--no-deps", "--entrypoint", "practio", "provision")
        return await self.compose(*inside, *shlex.split(command))

    async def on(self, node: str, command: str) -> str:
        """Run one of RabbitMQ's tools on a node; return its output."""
        return await self.compose("exec", "--no-TTY", node, *shlex.split(command))

    async def queues(self) -> dict[str, dict[str, Any]]:
        """Return name, leader, members and count of messages of each queue, by its name."""
        listed = await self.on(
            NODES[0], "rabbitmqctl --silent --formatter=json list_queues -p practio name type leader members messages"
        )
        return {queue["name"]: queue for queue in json.loads(listed)}

    async def dead_letters(self) -> list[Any]:
        """Return the dead letters."""
        found: list[Any] = json.loads(await self.practio("dead list --json"))
        return found

    async def healthy(self, node: str) -> None:
        """Wait until a node is healthy."""

        async def is_healthy() -> bool:
            status = await self.compose("ps", "--all", "--format", "json", node)
            return bool(json.loads(status)["Health"] == "healthy")

        await eventually(is_healthy, within=BACK_SECONDS, message=f"{node} is healthy", pause=0.5)

    def _url(self, node: str) -> str:
        port = self.ports[node.replace("-", "_").upper()]
        return f"amqp://{OUTSIDE}:demo-outside@127.0.0.1:{port}/practio?heartbeat=5"
