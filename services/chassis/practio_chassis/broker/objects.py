"""RabbitMQ's objects, as far as Practio uses them: what ``topology.py`` is written in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NOTHING = "^$"
"""A permission that fits no name."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A durable topic exchange; what it cannot route goes to ``alternate``, if there is one."""

    name: str
    alternate: str | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """A quorum queue, with its arguments beyond the type."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Binding:
    """From an exchange to a queue, for routing keys that fit ``key``."""

    exchange: str
    queue: str
    key: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits for the queues whose name fits ``pattern``."""

    name: str
    pattern: str
    limits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """What an account may do; the right to configure has none.

    ``topics`` gives, for each exchange that may be written, the routing keys as a regular expression: RabbitMQ lets
    every key through where an exchange has no entry. ``reads`` are queues.
    ``tags`` let it into the management interface.
    """

    name: str
    topics: Mapping[str, str]
    reads: Sequence[str]
    writes_besides: Sequence[str] = ()
    tags: Sequence[str] = ()

    @property
    def write(self) -> str:
        """Give the exchanges that may be published to, as RabbitMQ's permission."""
        return one_of([*(name for name, keys in self.topics.items() if keys != NOTHING), *self.writes_besides])

    @property
    def read(self) -> str:
        """Give the queues that may be read, as RabbitMQ's permission."""
        return one_of(self.reads)


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything that a broker is to hold."""

    exchanges: Sequence[Exchange] = ()
    queues: Sequence[Queue] = ()
    bindings: Sequence[Binding] = ()
    policies: Sequence[Policy] = ()
    accounts: Sequence[Account] = ()


def one_of(names: Sequence[str]) -> str:
    """Give the regular expression that fits these names and no other."""
    return f"^({'|'.join(re.escape(name) for name in names)})$" if names else NOTHING
