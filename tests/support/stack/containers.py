"""PostgreSQL and RabbitMQ in containers, by testcontainers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from tests.support.faults.server_control import ServerControl
from tests.support.stack import probes
from tests.support.stack.servers import Servers

from practio_operator.stack.home import CHECKOUT
from practio_operator.stack.ports import free_ports
from practio_operator.stack.servers import Servers as Urls
from practio_operator.stack.stack import Backing

POSTGRES, RABBITMQ = "postgres:17", "rabbitmq:4-management"
LIMITS = CHECKOUT / "deploy" / "rabbitmq" / "limits.conf"
ACCOUNT, PASSWORD = "practio-admin", "bench"

# Its image would be one more to pull; what is started here is removed when the run ends.
testcontainers_config.ryuk_disabled = True


@dataclass(frozen=True)
class Container:
    """The power switch of one container; its ports and data stay while it is down."""

    container: DockerContainer

    def start(self) -> None:
        """Start it again."""
        self.container.get_wrapped_container().start()

    def stop(self) -> None:
        """Stop it, as ``docker stop`` does."""
        self.container.get_wrapped_container().stop()

    def kill(self) -> None:
        """Kill it, as ``docker kill`` does."""
        self.container.get_wrapped_container().kill()


@asynccontextmanager
async def container_servers() -> AsyncIterator[Servers]:
    """Yield fresh servers in containers, on ports that stay when they are started again; removed at the end."""
    database_port, broker_port, management_port = free_ports(3)
    urls = Urls(
        broker_url=f"amqp://{ACCOUNT}:{PASSWORD}@127.0.0.1:{broker_port}/practio",
        management_url=f"http://127.0.0.1:{management_port}",
        database_url=f"postgresql://{ACCOUNT}:{PASSWORD}@127.0.0.1:{database_port}/practio",
    )
    with _postgres(database_port) as database, _rabbitmq(broker_port, management_port) as broker:
        yield await Servers(
            backing=Backing.DOCKER,
            urls=urls,
            broker=ServerControl("broker", Container(broker), probes.broker_of(urls)),
            database=ServerControl("database", Container(database), probes.database_of(urls)),
        ).ready()


def _postgres(port: int) -> DockerContainer:
    login = {"POSTGRES_USER": ACCOUNT, "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": "practio"}
    command = ["postgres", "-c", "log_error_verbosity=terse"]
    return DockerContainer(POSTGRES, env=login).with_bind_ports(5432, port).with_command(command)


def _rabbitmq(port: int, management_port: int) -> DockerContainer:
    login = {"USER": ACCOUNT, "PASS": PASSWORD, "VHOST": "practio"}
    environment = {f"RABBITMQ_DEFAULT_{key}": value for key, value in login.items()}
    container = DockerContainer(RABBITMQ, env=environment, hostname="practio")
    container = container.with_volume_mapping(str(LIMITS), "/etc/rabbitmq/conf.d/70-limits.conf", "ro")
    return container.with_bind_ports(5672, port).with_bind_ports(15672, management_port)
