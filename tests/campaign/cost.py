"""What the faults of a campaign cost: a line for each kind."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from tests.campaign.plan import Fault, Kind


@dataclass(frozen=True)
class Cost:
    """A fault that was survived, and the seconds from its end until everything was ready; None if that never came."""

    fault: Fault
    until_ready: float | None


@dataclass(frozen=True)
class Line:
    """The faults of one kind; times are seconds until all was ready."""

    kind: Kind
    count: int
    median: float | None
    longest: float | None
    never: int


def lines(costs: Sequence[Cost]) -> list[Line]:
    """Return a line for each kind that came, in the order of the kinds."""
    by_kind: dict[Kind, list[float | None]] = defaultdict(list)
    for cost in costs:
        by_kind[cost.fault.kind].append(cost.until_ready)
    return [_line(kind, by_kind[kind]) for kind in Kind if kind in by_kind]


def _line(kind: Kind, times: Sequence[float | None]) -> Line:
    known = [each for each in times if each is not None]
    median, longest = (statistics.median(known), max(known)) if known else (None, None)
    return Line(kind, len(times), median, longest, len(times) - len(known))


def table(costs: Sequence[Cost]) -> Table:
    """Return the lines as a table, with a sum below."""
    found = Table("fault", title="faults, and seconds until all was ready", show_footer=True)
    for name in ("count", "median", "longest", "never ready"):
        found.add_column(name, justify="right")
    for line in lines(costs):
        found.add_row(line.kind, f"{line.count}", _seconds(line.median), _seconds(line.longest), f"{line.never or ''}")
    found.columns[0].footer, found.columns[1].footer = "all", f"{len(costs)}"
    return found


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
