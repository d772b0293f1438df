"""The native backing: private servers, from the machine's own programs."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from practio_operator.stack.accounts import server_account
from practio_operator.stack.binaries import find_binaries
from practio_operator.stack.postgres import Postgres
from practio_operator.stack.programs import Program
from practio_operator.stack.rabbitmq import RabbitMQ
from practio_operator.stack.servers import Servers
from practio_operator.stack.stack import Ports
from practio_operator.stack.supervisor import Supervisor

SERVERS = ("database", "broker")
"""The names of the servers' programs."""

PATIENCE_SECONDS = 120
"""How long a server may take to start on a busy machine."""


@dataclass(frozen=True)
class PrivateServers:
    """The two servers of one stack."""

    postgres: Postgres
    rabbitmq: RabbitMQ

    @property
    def urls(self) -> Servers:
        """Return the administrator's URLs."""
        return Servers(
            broker_url=self.rabbitmq.url,
            management_url=self.rabbitmq.management_url,
            database_url=self.postgres.url,
        )

    async def prepare(self) -> list[Program]:
        """Create missing data and settings, and return the programs of both servers."""
        servers = (self.postgres, self.rabbitmq)
        return list(await asyncio.gather(*(asyncio.to_thread(server.prepare) for server in servers)))

    async def start(self, supervisor: Supervisor) -> None:
        """Start both, and return when both are ready. Raise OperatorError with the end of a server's log."""
        supervisor.run(*SERVERS)
        await asyncio.gather(
            supervisor.ready("database", self.postgres.is_ready, seconds=PATIENCE_SECONDS),
            supervisor.ready("broker", self.rabbitmq.is_ready, seconds=PATIENCE_SECONDS),
        )


def server_accounts() -> set[str | None]:
    """Return the system accounts that the servers run as."""
    return {server_account("postgres"), server_account("rabbitmq")}


def private_servers(data: Path, ports: Ports, secrets: dict[str, str]) -> PrivateServers:
    """Return the servers of a stack with this folder of data.

    Raise OperatorError if the machine does not have the programs and they cannot be installed.
    """
    binaries = find_binaries()
    return PrivateServers(
        postgres=Postgres(
            binaries=binaries.postgres,
            data=data / "postgres",
            account=server_account("postgres"),
            port=ports.database,
            password=secrets["database"],
        ),
        rabbitmq=RabbitMQ(
            binaries=binaries.rabbitmq,
            data=data / "rabbitmq",
            account=server_account("rabbitmq"),
            port=ports.broker,
            management_port=ports.management,
            distribution_port=ports.distribution,
            mapper_port=ports.mapper,
            password=secrets["broker"],
        ),
    )
