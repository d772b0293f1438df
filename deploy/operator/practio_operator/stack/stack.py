"""What a stack decided once and keeps while it lives: what it stands on, its ports, its secrets."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ValidationError

from practio_operator.errors import OperatorError
from practio_operator.pages import PAGES
from practio_operator.stack.home import Home, write_private
from practio_operator.stack.ports import free_ports

SERVICES = ("rooms", "membership", "notifications")

OURS = (*SERVICES, PAGES)
"""What answers over HTTP: the services, and pages, which has no schema, and of queues only an outside account's."""

PUBLISHER = "outside"
"""The account of the local stack's one outside system."""

LINKS = "links"
"""The secret that signs what letters link to."""


class Backing(StrEnum):
    """What a stack stands on (operations.md)."""

    EXTERNAL = "external"
    DOCKER = "docker"
    NATIVE = "native"


class Ports(BaseModel, frozen=True):
    """A port of the loopback address for each thing that listens."""

    supervisor: int
    database: int
    broker: int
    management: int
    distribution: int
    mapper: int
    mail: int
    mail_http: int
    rooms: int
    membership: int
    notifications: int
    pages: int

    @classmethod
    def take(cls) -> "Ports":
        """Choose ports that are free now."""
        return cls(**dict(zip(cls.model_fields, free_ports(len(cls.model_fields)), strict=True)))

    def of(self, name: str) -> int:
        """The HTTP port of a service, or of pages."""
        return int(getattr(self, name))


class Stack(BaseModel, frozen=True):
    """One stack's decisions.

    `secrets` has a password an account, of whatever part, and the key of links; `data` is the native servers'.
    """

    backing: Backing
    ports: Ports
    secrets: dict[str, str]
    data: Path | None = None

    @classmethod
    def new(cls, backing: Backing) -> "Stack":
        """Decide: free ports, random passwords."""
        roles = [role for service in SERVICES for role in (f"practio_{service}", f"practio_{service}_owner")]
        names = [
            "supervisor",
            "database",
            "broker",
            PUBLISHER,
            PAGES,
            *(f"practio-{service}" for service in SERVICES),
            *roles,
            LINKS,
        ]
        return cls(backing=backing, ports=Ports.take(), secrets={name: secrets.token_hex(16) for name in names})

    def save(self, home: Home) -> None:
        """Keep it where its owner alone can read it."""
        write_private(home.stack, self.model_dump_json(indent=2))


def load_stack(home: Home) -> Stack | None:
    """The stack that was decided for this home, or None. Raises OperatorError where the file is damaged."""
    try:
        return Stack.model_validate_json(home.stack.read_text())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise OperatorError(
            f"{home.stack} is damaged: delete it, and let `practio down` end what still runs."
        ) from None


@contextmanager
def changing(home: Home) -> Iterator[None]:
    """Hold the home while a command changes its stack. Raises OperatorError where another holds it."""
    home.folder.mkdir(parents=True, exist_ok=True)
    with home.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(f"Another command is changing the stack in {home.folder}: wait for it.") from None
        yield
