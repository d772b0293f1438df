"""The decisions about a stack for its whole life: its backing, its ports, its secrets."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.stack.home import Home, write_private
from practio_operator.stack.ports import free_ports

SERVICES = ("rooms", "membership", "notifications")

PARTS = (*SERVICES, PAGES)
"""The parts that serve HTTP: the services, and pages, which has no schema and only the queue of an outside account."""

GATEWAY = "gateway"
"""HTTP for systems without AMQP, a part only if it was wanted (`practio up --gateway`)."""

PUBLISHER = "outside"
"""The account of the local stack's one outside system."""

LINKS = "links"
"""The secret that signs links in letters."""


class Backing(StrEnum):
    """The backing of a stack."""

    EXTERNAL = "external"
    DOCKER = "docker"
    NATIVE = "native"


class Ports(BaseModel, frozen=True):
    """A port of the loopback address for each server."""

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
    gateway: int = Field(default_factory=lambda: free_ports(1)[0])
    """A stack of an earlier release has none yet."""

    @classmethod
    def take(cls) -> "Ports":
        """Choose ports that are free now."""
        return cls(**dict(zip(cls.model_fields, free_ports(len(cls.model_fields)), strict=True)))

    def of(self, name: str) -> int:
        """Return the HTTP port of a service, of pages or of the gateway."""
        return int(getattr(self, name))


class StackConfig(BaseModel, frozen=True):
    """The decisions about one stack.

    `secrets` has a password per account, and the key of links; `data` is the folder of the native servers.
    """

    backing: Backing
    ports: Ports
    secrets: dict[str, str]
    data: Path | None = None
    gateway: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the parts that serve HTTP, with the gateway if it was wanted."""
        return (*PARTS, GATEWAY) if self.gateway else PARTS

    @classmethod
    def new(cls, backing: Backing) -> "StackConfig":
        """Return a new stack with free ports and random passwords."""
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
        """Store it so that only its owner can read it."""
        write_private(home.stack, self.model_dump_json(indent=2))


def load_stack(home: Home) -> StackConfig | None:
    """Return the stack of this home, or None. Raise OperatorError if the file is damaged."""
    try:
        return StackConfig.model_validate_json(home.stack.read_text())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise OperatorError(
            f"{home.stack} is damaged: delete it, then run `practio down` to end what still runs."
        ) from None


@contextmanager
def changing(home: Home) -> Iterator[None]:
    """Lock the home while a command changes its stack. Raise OperatorError if another holds the lock."""
    home.folder.mkdir(parents=True, exist_ok=True)
    with home.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(f"Another command is changing the stack in {home.folder}: wait for it.") from None
        yield
