"""PostgreSQL and RabbitMQ that speak only TLS, and URLs to try on them."""

import shutil
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
import httpx
from tests.integration.tls.certificates import NAME, OTHER_NAME, Certificates
from tests.support.eventually import eventually
from tests.support.stack.native import managed

from practio_operator.stack.accounts import change_owner, server_data
from practio_operator.stack.home import Home
from practio_operator.stack.native import PrivateServers, private_servers, server_accounts
from practio_operator.stack.processes import end_leftovers
from practio_operator.stack.stack import Backing, StackConfig


@dataclass(frozen=True)
class TlsServers:
    """Two servers, the broker's AMQPS port, and the certificates that they show."""

    servers: PrivateServers
    broker_port: int
    management_port: int
    certificates: Certificates

    def broker(self, *, host: str = NAME, authority: Path | None = None) -> str:
        """Return the administrator's AMQPS URL of the broker, with a trusted authority: ours by default."""
        login = f"practio-admin:{self.servers.rabbitmq.password}"
        cafile = authority or self.certificates.ours
        return f"amqps://{login}@{host}:{self.broker_port}/practio?{urlencode({'cafile': cafile})}"

    def management(self) -> str:
        """Return the URL of the management interface."""
        return f"https://{NAME}:{self.management_port}?{urlencode({'cafile': self.certificates.ours})}"

    def database(self, *, host: str = NAME, authority: Path | None = None) -> str:
        """Return the administrator's URL of the database, with a trusted authority: ours by default."""
        query = urlencode({"sslmode": "verify-full", "sslrootcert": authority or self.certificates.ours})
        return f"{self.plain_database(host=host).partition('?')[0]}?{query}"

    def plain_broker(self) -> str:
        """Return the broker's URL without TLS."""
        return f"amqp{self.broker().partition('?')[0].removeprefix('amqps')}"

    def plain_database(self, *, host: str = OTHER_NAME) -> str:
        """Return the database's URL without TLS."""
        database = self.servers.postgres
        return f"postgresql://practio_admin:{database.password}@{host}:{database.port}/postgres?sslmode=disable"

    async def database_is_ready(self) -> bool:
        """Return whether the database accepts connections over TLS."""
        try:
            connection = await asyncpg.connect(self.database(), timeout=5)
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    async def broker_is_ready(self) -> bool:
        """Return whether the broker accepts messages over TLS."""
        login = ("practio-admin", self.servers.rabbitmq.password)
        url = f"{self.management().partition('?')[0]}/api/health/checks/port-listener/{self.broker_port}"
        async with httpx.AsyncClient(
            auth=login, verify=ssl.create_default_context(cafile=self.certificates.ours), trust_env=False
        ) as client:
            try:
                return (await client.get(url)).is_success
            except httpx.HTTPError:
                return False


@asynccontextmanager
async def running_tls_servers(folder: Path, certificates: Certificates) -> AsyncIterator[TlsServers]:
    """Start both for as long as the context lasts; their logs are in ``folder``."""
    home = Home(folder)
    data = server_data(home, server_accounts())
    stack = StackConfig.new(Backing.NATIVE)
    try:
        servers = private_servers(data, stack.ports, stack.secrets)
        found = TlsServers(servers, stack.ports.broker, stack.ports.management, certificates)
        programs = await servers.prepare()
        _secure_database(servers, certificates)
        _secure_broker(servers, certificates)
        database, broker = (managed(program, home) for program in programs)
        database.start()
        broker.start()
        await eventually(found.database_is_ready, within=60, message=database.tail)
        await eventually(found.broker_is_ready, within=120, message=broker.tail)
        yield found
        database.kill()
        broker.kill()
    finally:
        end_leftovers(home)
        shutil.rmtree(data)


def _secure_database(servers: PrivateServers, certificates: Certificates) -> None:
    data = servers.postgres.data
    certificate, key = certificates.write(data, servers.postgres.account)
    _append(data / "postgresql.conf", {"ssl": "on", "ssl_cert_file": f"'{certificate}'", "ssl_key_file": f"'{key}'"})
    (data / "pg_hba.conf").write_text("hostssl all all all scram-sha-256\n")


def _secure_broker(servers: PrivateServers, certificates: Certificates) -> None:
    broker = servers.rabbitmq
    certificate, key = certificates.write(broker.data, broker.account)
    path = broker.data / "rabbitmq.conf"
    kept_lines = [line for line in path.read_text().splitlines() if ".tcp." not in line]
    path.write_text("\n".join([*kept_lines, "listeners.tcp = none", ""]))
    authority = Path(shutil.copy(certificates.ours, broker.data))
    change_owner(authority, broker.account)
    files = {"cacertfile": authority, "certfile": certificate, "keyfile": key}
    _append(
        path,
        {"listeners.ssl.local": f"127.0.0.1:{broker.port}"}
        | {f"ssl_options.{name}": str(value) for name, value in files.items()}
        | {"management.ssl.ip": "127.0.0.1", "management.ssl.port": str(broker.management_port)}
        | {f"management.ssl.{name}": str(value) for name, value in files.items()},
    )


def _append(path: Path, settings: Mapping[str, str]) -> None:
    with path.open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in settings.items())
