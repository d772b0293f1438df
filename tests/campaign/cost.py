"""What the faults of a campaign cost: a line for each kind."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table
from tests.campaign.plan import FaultKind, InjectedFault


@dataclass(frozen=True)
class Cost:
    """A fault that was survived, and the seconds from its end until everything was ready; None if that never came."""

    fault: InjectedFault
    until_ready: float | None


@dataclass(frozen=True)
class FaultCosts:
    """The faults of one kind; times are seconds until all was ready."""

    kind: FaultKind
    count: int
    median: float | None
    longest: float | None
    never: int


def costs_by_kind(costs: Sequence[Cost]) -> list[FaultCosts]:
    """Return what each kind cost that came, in the order of the kinds."""
    by_kind: dict[FaultKind, list[float | None]] = defaultdict(list)
    for cost in costs:
        by_kind[cost.fault.kind].append(cost.until_ready)
    return [_of_kind(kind, by_kind[kind]) for kind in FaultKind if kind in by_kind]


def _of_kind(kind: FaultKind, times: Sequence[float | None]) -> FaultCosts:
    known = [each for each in times if each is not None]
    median, longest = (statistics.median(known), max(known)) if known else (None, None)
    return FaultCosts(kind, len(times), median, longest, len(times) - len(known))


def explaining(moment: Sequence[InjectedFault]) -> list[FaultKind]:
    """Return the kinds of faults of a moment that explain why a client's connection was cut: those of the broker."""
    return [fault.kind for fault in moment if fault.target == "broker"] or [fault.kind for fault in moment]


def table(costs: Sequence[Cost], lost_answers: Mapping[FaultKind, int]) -> Table:
    """Return what each kind cost as a table, with a sum below.

    ``lost_answers`` are first answers to commands that were lost with the connections of clients, by what cut these;
    where several kinds may have, they count for each.
    """
    found = Table("fault", title="faults, and seconds until all was ready", show_footer=True)
    for name in ("count", "median", "longest", "never ready", "first answers lost"):
        found.add_column(name, justify="right")
    for each in costs_by_kind(costs):
        found.add_row(
            each.kind,
            f"{each.count}",
            _seconds(each.median),
            _seconds(each.longest),
            f"{each.never or ''}",
            f"{lost_answers.get(each.kind) or ''}",
        )
    found.columns[0].footer, found.columns[1].footer = "all", f"{len(costs)}"
    return found


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
