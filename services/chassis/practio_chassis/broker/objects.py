"""RabbitMQ's objects, as far as Practio uses them: the types of ``topology.py``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NOTHING = "^$"
"""A permission that matches no name."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A durable topic exchange; unroutable messages go to ``alternate``, if there is one."""

    name: str
    alternate: str | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """A quorum queue, with its arguments beyond the type."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Binding:
    """A binding from an exchange to a queue, for routing keys that match ``key``."""

    exchange: str
    queue: str
    key: str


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """Limits for the queues whose name matches ``pattern``."""

    name: str
    pattern: str
    limits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """The permissions of an account; no account may configure.

    ``topics`` maps each writable exchange to a regular expression of routing keys: RabbitMQ allows every key if an
    exchange has no entry. ``reads`` are queues. ``tags`` give access to the management interface.
    """

    name: str
    topics: Mapping[str, str]
    reads: Sequence[str]
    writes_besides: Sequence[str] = ()
    tags: Sequence[str] = ()

    @property
    def write(self) -> str:
        """Return the exchanges to which the account may publish, as RabbitMQ's permission."""
        return one_of([*(name for name, keys in self.topics.items() if not allows_nothing(keys)), *self.writes_besides])

    @property
    def read(self) -> str:
        """Return the queues that the account may read, as RabbitMQ's permission."""
        return one_of(self.reads)


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything that a broker contains."""

    exchanges: Sequence[Exchange] = ()
    queues: Sequence[Queue] = ()
    bindings: Sequence[Binding] = ()
    policies: Sequence[QueuePolicy] = ()
    accounts: Sequence[Account] = ()


def one_of(names: Sequence[str], *, note: str = "") -> str:
    """Return the regular expression that matches exactly these names; ``note`` is kept in it as a comment."""
    comment = f"(?#{note})" if note else ""
    return f"^{comment}({'|'.join(re.escape(name) for name in names)})$" if names else f"^{comment}$"


def allows_nothing(pattern: str) -> bool:
    """Return whether a permission matches no name, whatever its comment says."""
    return re.sub(r"\(\?#[^)]*\)", "", pattern, count=1) == NOTHING
