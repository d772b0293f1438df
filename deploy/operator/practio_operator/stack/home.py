"""The folder of a stack: `.practio/` in the checkout, or the one that PRACTIO_HOME names."""

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[4]
"""The repository's root: the operator runs from an editable checkout."""


@dataclass(frozen=True)
class Home:
    """The paths of one stack. Two stacks with two homes share nothing."""

    folder: Path

    @property
    def env(self) -> Path:
        """Return the file of `KEY=VALUE` lines for any client; it exists while the stack is up."""
        return self.folder / "env"

    @property
    def stack(self) -> Path:
        """Return the file with the decisions of `up`: backing, ports, secrets."""
        return self.folder / "stack.json"

    @property
    def lock(self) -> Path:
        """Return the lock file, held while a command changes the stack."""
        return self.folder / "lock"

    @property
    def logs(self) -> Path:
        """Return the folder of logs, one per part."""
        return self.folder / "logs"

    @property
    def data(self) -> Path:
        """Return the folder of the private servers' data, unless their accounts cannot enter the home."""
        return self.folder / "data"

    @property
    def mail(self) -> Path:
        """Return the Maildir of all letters."""
        return self.folder / "mail"

    @property
    def supervisor_conf(self) -> Path:
        """Return the supervisor's generated configuration."""
        return self.folder / "supervisord.conf"

    @property
    def supervisor_pid(self) -> Path:
        """Return the file in which the supervisor writes its process id."""
        return self.folder / "supervisord.pid"

    @property
    def compose_env(self) -> Path:
        """Return the file with ports and passwords for Compose."""
        return self.folder / "compose.env"


def find_home() -> Home:
    """Return the home that the environment names, otherwise the checkout's own."""
    return Home(Path(os.environ.get("PRACTIO_HOME") or CHECKOUT / ".practio").resolve())


def write_private(path: Path, text: str) -> None:
    """Write a file atomically; only its owner may read it."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(text)
    draft.replace(path)
