"""A primary and its standby as ``compose.production.database-standby.yaml`` runs them, without containers."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests.integration.compose.production import DEPLOY, WITH_STANDBY, Production
from tests.support.stack.database_node import NODE, Surroundings
from tests.support.stack.database_pair import FIRST, SECOND

SECRETS, TLS, SCRIPT = "/run/secrets", "/tls/", "/usr/local/lib/practio/node.sh"
"""Where a container has its secrets, its server's certificate, and node.sh."""

NAME = "localhost"
"""The name in each certificate by which this machine's own clients verify a server."""


class _Compose(yaml.SafeLoader):
    """Reads files of Compose: ``!override`` and ``!reset`` are about merging them."""


_Compose.add_multi_constructor(
    "!",
    lambda loader, _, node: (
        loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.MappingNode)
        else loader.construct_sequence(node, deep=True)
    ),
)


@dataclass(frozen=True)
class ProductionFiles:
    """What two containers would have: the overlay, and a folder for each with the files that it mounts."""

    overlay: dict[str, Any]
    folder: Path

    @classmethod
    async def of(cls, secrets: Path, folder: Path) -> "ProductionFiles":
        """Make all secrets in ``secrets`` as deploy/README.md says, and put those of each node into ``folder``."""
        await Production.settle(secrets, files=WITH_STANDBY)
        found = cls(yaml.load((DEPLOY / WITH_STANDBY[-1]).read_text(), _Compose), folder)
        shutil.copy(secrets / "ca.pem", found.authority)
        for node in (FIRST, SECOND):
            for place in (found.secrets(node), found.tls(node)):
                place.mkdir(parents=True)
            shutil.copy(found.authority, found.secrets(node) / "ca")
            shutil.copy(secrets / "database_password", found.secrets(node))
            found.shows(node, secrets / f"{node}.pem", secrets / f"{node}.key")
        return found

    @property
    def authority(self) -> Path:
        """Return the file of the authority, as clients have it."""
        return self.folder / "ca.pem"

    @property
    def surroundings(self) -> Surroundings:
        """Return how both nodes are run."""
        return Surroundings(
            commands={node: self._command(node) for node in (FIRST, SECOND)},
            environments={node: self._environment(node) for node in (FIRST, SECOND)},
            rules=DEPLOY / self.overlay["configs"]["hba"]["file"],
            host=NAME,
            query=f"?sslmode=verify-full&sslrootcert={self.authority}",
            password=(self.secrets(FIRST) / "database_password").read_text().strip(),
        )

    def shows(self, node: str, certificate: Path, key: Path) -> None:
        """Copy the certificate to a node that its server shows once it is started."""
        shutil.copy(certificate, self.secrets(node) / "database_certificate")
        shutil.copy(key, self.secrets(node) / "database_key")

    def secrets(self, node: str) -> Path:
        """Return the folder of a node's secrets."""
        return self.folder / node / "secrets"

    def tls(self, node: str) -> Path:
        """Return the folder in which a server finds its certificate."""
        return self.folder / node / "tls"

    def _command(self, node: str) -> list[str]:
        service = self.overlay["services"][node]
        return [self._here(node, each) for each in (*service["entrypoint"], *service["command"])]

    def _environment(self, node: str) -> dict[str, str]:
        settings = {name: str(value) for name, value in self.overlay["services"][node]["environment"].items()}
        stated = {name: self._here(node, value) for name, value in settings.items() if not value.startswith("${")}
        return {"POSTGRES_PASSWORD": "", **stated}

    def _here(self, node: str, text: str) -> str:
        """Return a text of the overlay with this machine's paths, and without Compose's escapes."""
        for there, here in ((SECRETS, self.secrets(node)), (SCRIPT, NODE), (TLS, f"{self.tls(node)}/")):
            text = text.replace(there, str(here))
        return text.replace("$$", "$")


@contextmanager
def a_folder_for_servers() -> Iterator[Path]:
    """Yield a folder whose files an account without rights may read, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="practio-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)
