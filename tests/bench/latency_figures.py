"""The figures of single letters: as a table for people, as JSON for programs."""

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.bench.aims import Aim, Spread, Verdict, spread_of
from tests.bench.latency import APPROVED, WAITING, LatencyRound, offered


def as_json(rounds: Sequence[LatencyRound]) -> dict[str, Any]:
    """Return p50 and p99 of each letter in milliseconds, with their spread."""
    return {
        "latency": {
            name: {"p50_ms": _over(rounds, name, statistics.median), "p99_ms": _over(rounds, name, _p99)}
            for name in rounds[0].taken_ms
        }
    }


def show(rounds: Sequence[LatencyRound], console: Console) -> None:
    """Print medians over the rounds, and the spread from the fastest to the slowest."""
    table = Table("letter", "p50 ms", "spread", "p99 ms", "spread", box=None)
    for name, each in as_json(rounds)["latency"].items():
        p50, p99 = each["p50_ms"], each["p99_ms"]
        spreads = f"{p50[1]:.0f} to {p50[2]:.0f}", f"{p99[1]:.0f} to {p99[2]:.0f}"
        table.add_row(name, f"{p50[0]:.0f}", spreads[0], f"{p99[0]:.0f}", spreads[1])
    console.print(f"medians over {len(rounds)} rounds")
    console.print(table)


def verdicts(rounds: Sequence[LatencyRound]) -> list[Verdict]:
    """Return the verdicts on a letter about an approval, and on offers to short and long waitlists."""
    return [
        Verdict(Aim(f"{APPROVED}, p50 ms", 50), _over(rounds, APPROVED, statistics.median)),
        Verdict(Aim(f"{APPROVED}, p99 ms", 100), _over(rounds, APPROVED, _p99)),
        *(
            Verdict(Aim(f"{offered(waiting)}, p50 ms", 60), _over(rounds, offered(waiting), statistics.median))
            for waiting in WAITING
        ),
    ]


def _over(rounds: Sequence[LatencyRound], name: str, part: Callable[[Sequence[float]], float]) -> Spread:
    return spread_of([part(each.taken_ms[name]) for each in rounds])


def _p99(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=100, method="inclusive")[98]
