"""An installation by compose.yaml and compose.production.yaml, with certificates of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme
from tests.integration.compose.docker_stack import docker, run
from tests.integration.compose.single_part import SinglePart

from practio_operator.stack.home import CHECKOUT
from practio_operator.stack.ports import free_ports

DEPLOY = CHECKOUT / "deploy"
FILES = ("compose.yaml", "compose.production.yaml")
THREE_BROKERS = (*FILES, "compose.cluster.yaml", "compose.production.cluster.yaml")
OBSERVED = (*FILES, "compose.observability.yaml", "compose.production.observability.yaml")
WITH_STANDBY = (
    "compose.yaml",
    "compose.database-standby.yaml",
    "compose.production.yaml",
    "compose.production.database-standby.yaml",
)
BOTH_DATABASES = "database:5432,database-standby:5432"
PORTS = ("AMQPS", "AMQPS_2", "AMQPS_3", "ROOMS", "MEMBERSHIP", "NOTIFICATIONS", "PAGES", "GATEWAY")


@dataclass(frozen=True)
class Production:
    """A Compose project of ``files``; ``secrets`` is the folder of its secrets, ``settings`` are its settings."""

    name: str
    secrets: Path
    settings: Mapping[str, str]
    files: Sequence[str] = FILES

    @classmethod
    async def settle(cls, folder: Path, *, files: Sequence[str] = FILES) -> "Production":
        """Make secrets and certificates in ``folder``, as deploy/README.md says."""
        hosts = {"DATABASE_HOST": BOTH_DATABASES} if files == WITH_STANDBY else {}
        await run(str(DEPLOY / "production" / "secrets.sh"), str(folder), environment=hosts)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        for server in ("broker", "database", "database-standby"):
            shown = authority.issue_cert(server, "localhost")
            shown.cert_chain_pems[0].write_to_path(folder / f"{server}.pem")
            shown.private_key_pem.write_to_path(folder / f"{server}.key")
        (folder / "smtp_password").write_text("the-password-of-the-mail-account\n")
        ports = {f"PRACTIO_{name}_PORT": str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
        chosen = {
            "PRACTIO_SECRETS": str(folder),
            "PRACTIO_PAGES_URL": "https://rooms.example.org",
            "PRACTIO_PROXIES": "172.16.0.0/12",
            "PRACTIO_SMTP_HOST": "mail.example.org",
            "PRACTIO_SMTP_USERNAME": "practio",
            "PRACTIO_MAIL_FROM": "Practio <practio@example.org>",
        }
        return cls(f"practio-production-{ports['PRACTIO_AMQPS_PORT']}", folder, chosen | ports, files)

    async def compose(self, *arguments: str) -> str:
        """Run Compose; return its output, and fail if it fails."""
        files = (part for name in self.files for part in ("--file", str(DEPLOY / name)))
        return await docker("compose", "--project-name", self.name, *files, *arguments, environment=self.settings)

    async def config(self, *profiles: str) -> dict[str, Any]:
        """Return the services as Compose understands them, with those of ``profiles``."""
        chosen = (part for each in profiles for part in ("--profile", each))
        services: dict[str, Any] = json.loads(await self.compose(*chosen, "config", "--format", "json"))["services"]
        return services

    def secret(self, name: str) -> str:
        """Return the content of a file of the secrets."""
        return (self.secrets / name).read_text().strip()

    def single_part(self, part: str) -> SinglePart:
        """Return one part by its own compose files, on the same servers and with the same secrets."""
        settings = {**self.settings, "PRACTIO_HTTP_PORT": str(free_ports(1)[0])}
        return SinglePart(part, f"{self.name}_default", settings, files=("compose.yaml", "compose.production.yaml"))
