"""The folder of a stack: `.practio/` in the checkout, or the one that PRACTIO_HOME names."""

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[4]
"""The repository's root: the operator runs from a checkout, editable."""


@dataclass(frozen=True)
class Home:
    """The paths of one stack. Two stacks with two homes share nothing."""

    folder: Path

    @property
    def env(self) -> Path:
        """`KEY=VALUE` lines for any client, there while the stack is up."""
        return self.folder / "env"

    @property
    def stack(self) -> Path:
        """The decisions of `up`: backing, ports, secrets."""
        return self.folder / "stack.json"

    @property
    def lock(self) -> Path:
        """Held while a command changes the stack."""
        return self.folder / "lock"

    @property
    def logs(self) -> Path:
        """One log a part."""
        return self.folder / "logs"

    @property
    def data(self) -> Path:
        """The private servers' data, unless their accounts cannot enter the home."""
        return self.folder / "data"

    @property
    def mail(self) -> Path:
        """The Maildir that every letter lands in."""
        return self.folder / "mail"

    @property
    def supervisor_conf(self) -> Path:
        """The supervisor's generated configuration."""
        return self.folder / "supervisord.conf"

    @property
    def supervisor_pid(self) -> Path:
        """The supervisor's process id, written by itself."""
        return self.folder / "supervisord.pid"

    @property
    def compose_env(self) -> Path:
        """Ports and passwords for Compose."""
        return self.folder / "compose.env"


def find_home() -> Home:
    """The home that the environment names, else the checkout's own."""
    return Home(Path(os.environ.get("PRACTIO_HOME") or CHECKOUT / ".practio").resolve())


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(text)
    draft.replace(path)
