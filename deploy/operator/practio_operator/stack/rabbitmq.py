"""A private RabbitMQ: its own node name, data, ports and administrator; the machine's own broker is not changed."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_operator.execution.http import NO_AUTHORITIES
from practio_operator.stack.accounts import change_owner, make_private_folder
from practio_operator.stack.programs import Program

ADMINISTRATOR = "practio-admin"

DISK_FREE_LIMIT = "500MB"
"""RabbitMQ stops publishers below it. Its own default, 50 MB, is used up within the ten seconds between two looks."""


@dataclass(frozen=True)
class RabbitMQ:
    """The server's scripts, data, account and addresses.

    Four ports: messages, management, Erlang's distribution, and Erlang's port mapper (epmd). The mapper is the stack's
    own, so that none outlives it, and several stacks may use the same node name.
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
        """Return the administrator's AMQP URL of the vhost `practio`."""
        return f"amqp://{ADMINISTRATOR}:{self.password}@127.0.0.1:{self.port}/practio"

    @property
    def management_url(self) -> str:
        """Return the URL of the management interface, for the same account."""
        return f"http://127.0.0.1:{self.management_port}"

    def prepare(self) -> Program:
        """Write the configuration, and return the server's program."""
        make_private_folder(self.data, self.account)
        self._write("rabbitmq.conf", self._settings())
        self._write("enabled_plugins", "[rabbitmq_management].\n")
        self._write("rabbitmq-env.conf", "")  # otherwise RabbitMQ reads the machine's own in /etc/rabbitmq
        return Program(
            name="broker",
            command=(str(self.binaries / "rabbitmq-server"),),
            environment=self._environment(),
            folder=self.data,
            user=self.account,
        )

    async def is_ready(self) -> bool:
        """Return whether it accepts messages: a starting node opens its listeners last."""
        account = (ADMINISTRATOR, self.password)
        async with httpx.AsyncClient(auth=account, verify=NO_AUTHORITIES, trust_env=False) as client:
            try:
                answer = await client.get(f"{self.management_url}/api/health/checks/port-listener/{self.port}")
            except httpx.HTTPError:
                return False
        return answer.status_code == httpx.codes.OK

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.touch(mode=0o600)
        path.write_text(text)
        change_owner(path, self.account)

    def _settings(self) -> str:
        """Return the settings that differ from RabbitMQ's defaults. Only the first start creates the account."""
        settings = {
            "listeners.tcp.local": f"127.0.0.1:{self.port}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": self.management_port,
            "max_message_size": MAX_MESSAGE_BYTES,
            "disk_free_limit.absolute": DISK_FREE_LIMIT,
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
    """End Erlang's port mapper on this port, which outlives its node; do nothing if none runs.

    ``end_leftovers`` finds processes by their environment, which root cannot read in a container without the right to
    trace.
    """
    if epmd := shutil.which("epmd"):
        subprocess.run([epmd, "-port", str(port), "-kill"], capture_output=True, check=False)
