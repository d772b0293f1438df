"""A private RabbitMQ: its own node name, data, ports and administrator; the machine's own broker is not touched."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx

from practio_operator.stack.accounts import give, own_folder
from practio_operator.stack.programs import Program

ADMINISTRATOR = "practio-admin"


@dataclass(frozen=True)
class RabbitMQ:
    """The server's scripts, data, account and addresses.

    Four ports: messages, management, Erlang's distribution, and Erlang's port mapper (epmd). The mapper is the stack's
    own, so that none outlives it and the node's name need not differ from other stacks'.
    """

    binaries: Path
    data: Path
    account: str | None
    port: int
    management_port: int
    distribution_port: int
    mapper_port: int
    password: str

    @property
    def url(self) -> str:
        """The administrator's AMQP URL of the vhost `practio`."""
        return f"amqp://{ADMINISTRATOR}:{self.password}@127.0.0.1:{self.port}/practio"

    @property
    def management_url(self) -> str:
        """The management interface, for the same account."""
        return f"http://127.0.0.1:{self.management_port}"

    def prepare(self) -> Program:
        """Write the configuration, and return how the server is run."""
        own_folder(self.data, self.account)
        self._write("rabbitmq.conf", self._settings())
        self._write("enabled_plugins", "[rabbitmq_management].\n")
        self._write("rabbitmq-env.conf", "")  # else the machine's own in /etc/rabbitmq is read
        return Program(
            name="broker",
            command=(str(self.binaries / "rabbitmq-server"),),
            environment=self._environment(),
            folder=self.data,
            user=self.account,
        )

    async def is_ready(self) -> bool:
        """Whether it takes messages: all listeners are up, which is the last thing that a starting node does."""
        async with httpx.AsyncClient(auth=(ADMINISTRATOR, self.password), trust_env=False) as client:
            try:
                answer = await client.get(f"{self.management_url}/api/health/checks/port-listener/{self.port}")
            except httpx.HTTPError:
                return False
        return answer.status_code == httpx.codes.OK

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.touch(mode=0o600)
        path.write_text(text)
        give(path, self.account)

    def _settings(self) -> str:
        """All that differs from RabbitMQ's defaults. The account is made on the first start only."""
        settings = {
            "listeners.tcp.local": f"127.0.0.1:{self.port}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": self.management_port,
            "default_vhost": "practio",
            "default_user": ADMINISTRATOR,
            "default_pass": self.password,
            "log.file": "false",
            "log.console": "true",
        }
        return "".join(f"{name} = {value}\n" for name, value in settings.items())

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.data),
            "RABBITMQ_NODENAME": "practio@localhost",
            "RABBITMQ_CONF_ENV_FILE": str(self.data / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.data / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.data / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.data / "nodes"),
            "RABBITMQ_LOG_BASE": str(self.data / "log"),
            "RABBITMQ_LOG": "info,-color",
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.mapper_port),
        }


def end_mapper(port: int) -> None:
    """End Erlang's port mapper on this port, which outlives its node; do nothing if there is none.

    ``sweep`` recognises processes by their environment, which a container without the right to trace hides from root.
    """
    if epmd := shutil.which("epmd"):
        subprocess.run([epmd, "-port", str(port), "-kill"], capture_output=True, check=False)
