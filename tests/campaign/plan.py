"""The plan of faults: which one comes when, from the seed alone."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

from practio_contracts.catalogue import SERVICES

EACH = 2
"""The copies of each service."""

COPIES = tuple(f"{service}-{number + 1}" for service in SERVICES for number in range(EACH))
SERVERS = ("broker", "database")
PROXIES = tuple(f"{copy}/{server}" for copy in COPIES for server in SERVERS)
BUNDLES = (*(f"*/{server}" for server in SERVERS), *(f"{service}-*/broker" for service in SERVICES))
"""Several connections that fail at once: a server's host, or the network of a service."""


class FaultKind(StrEnum):
    """What goes wrong."""

    SERVICE_KILLED = "service killed"
    SERVICE_FROZEN = "service frozen"
    SERVICE_STOPPED = "service stopped"
    SERVER_KILLED = "server killed"
    SERVER_FROZEN = "server frozen"
    SERVER_STOPPED = "server stopped"
    CUT = "connections cut"
    BLACK_HOLE = "connections black-holed"
    SLOW = "connections slowed"
    CLOCK = "clock stepped"
    DISK_FULL = "disk full"
    DISK_LOW = "disk low"
    MAIL_GONE = "mail server gone"
    MAIL_REFUSES = "mail server answers 4xx"
    MAIL_HANGS = "mail server hangs"


@dataclass(frozen=True)
class Shape:
    """How often a kind comes, whom it meets, and for how long, in seconds."""

    weight: int
    targets: Sequence[str]
    shortest: float
    longest: float


SHAPES: Mapping[FaultKind, Shape] = {
    FaultKind.SERVICE_KILLED: Shape(6, COPIES, 0.1, 10),
    FaultKind.SERVICE_FROZEN: Shape(6, COPIES, 1, 60),
    FaultKind.SERVICE_STOPPED: Shape(4, COPIES, 0.1, 10),
    FaultKind.SERVER_KILLED: Shape(3, SERVERS, 0.1, 10),
    FaultKind.SERVER_FROZEN: Shape(3, SERVERS, 1, 60),
    FaultKind.SERVER_STOPPED: Shape(2, SERVERS, 0.1, 10),
    FaultKind.CUT: Shape(5, (*PROXIES, *BUNDLES), 0, 0),
    FaultKind.BLACK_HOLE: Shape(5, (*PROXIES, *BUNDLES), 1, 60),
    FaultKind.SLOW: Shape(3, (*PROXIES, *BUNDLES), 2, 15),
    FaultKind.CLOCK: Shape(3, tuple(f"{copy}{step}" for copy in COPIES for step in ("+1h", "-1h")), 2, 15),
    FaultKind.DISK_FULL: Shape(2, ("database",), 2, 10),
    FaultKind.DISK_LOW: Shape(2, ("broker",), 12, 25),
    FaultKind.MAIL_GONE: Shape(2, ("mail",), 1, 15),
    FaultKind.MAIL_REFUSES: Shape(2, ("mail",), 1, 15),
    FaultKind.MAIL_HANGS: Shape(2, ("mail",), 1, 30),
}
"""Durations are spread evenly over their orders of magnitude: most are short, a few are as long as they may be.

The broker's disk gets no fuller than below its own limit, where it takes no more messages. Without any room RabbitMQ
3.10.8 spoilt a quorum queue for good (`corrupt_log, gap_between_snapshot_and_first_index`), which no service can mend.
"""

TOGETHER = 0.5
"""The share of faults that come at the same time as the next one."""

MOST_TOGETHER = 4


@dataclass(frozen=True)
class InjectedFault:
    """One fault; ``index`` is its place in the plan of its seed, ``joined`` whether the next one comes beside it."""

    index: int
    kind: FaultKind
    target: str
    seconds: float
    joined: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        """Return the fault in words."""
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.kind}: {self.target}{lasting}"

    def harms_the_same_as(self, other: "InjectedFault") -> bool:
        """Return whether two faults would spoil each other: both take the same thing away and bring it back."""
        return bool(_harmed(self) & _harmed(other))


def fault_at(seed: int, index: int, kinds: Sequence[FaultKind] = tuple(FaultKind)) -> InjectedFault:
    """Return the fault with this index in the plan of a seed; it depends on no other."""
    chance = random.Random(f"{seed}:{index}")
    kind = chance.choices(kinds, weights=[SHAPES[each].weight for each in kinds])[0]
    shape = SHAPES[kind]
    length = shape.shortest * (shape.longest / shape.shortest) ** chance.random() if shape.shortest else 0.0
    return InjectedFault(index, kind, chance.choice(shape.targets), round(length, 1), joined=chance.random() < TOGETHER)


def moments(
    seed: int, *, first: int = 0, kinds: Sequence[FaultKind] = tuple(FaultKind)
) -> Iterator[tuple[InjectedFault, ...]]:
    """Yield the faults of a seed without end, from the ``first`` index on; those of one tuple come at the same time."""
    together: tuple[InjectedFault, ...] = ()
    for index in count(first):
        fault = fault_at(seed, index, kinds)
        if together and not _comes_beside(fault, together):
            yield together
            together = ()
        together = (*together, fault)


def _comes_beside(fault: InjectedFault, others: Sequence[InjectedFault]) -> bool:
    """Return whether a fault comes at the same time as those just before it."""
    wanted = others[-1].joined and len(others) < MOST_TOGETHER
    return wanted and not any(fault.harms_the_same_as(other) for other in others)


def proxies_of(target: str) -> list[str]:
    """Return the connections that a target such as ``rooms-1/broker`` or ``*/database`` names."""
    copy, server = target.split("/")
    prefix = copy.removesuffix("*")
    return [f"{each}/{server}" for each in COPIES if (each.startswith(prefix) if copy.endswith("*") else each == copy)]


def _harmed(fault: InjectedFault) -> set[str]:
    if "/" in fault.target:
        return set(proxies_of(fault.target))
    if fault.kind is FaultKind.CLOCK:
        return {f"clock of {fault.target[:-3]}"}
    return {fault.target}
