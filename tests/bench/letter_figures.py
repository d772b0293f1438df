"""The figures of letters: as a table for people, as JSON for programs."""

import statistics
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.bench.letters import BARE, SERVICE, Round


def as_json(rounds: Sequence[Round]) -> dict[str, Any]:
    """Return rates, letters a second, and how much of the bare loop's rate the service has, with their spread."""
    return {
        "letters": {
            name: {
                "rate": _spread([each.rates[name] for each in rounds]),
                "ratio": _spread([each.rates[name] / each.rates[BARE] for each in rounds]),
                "bytes": statistics.median(each.sizes[name] for each in rounds),
            }
            for name in (BARE, SERVICE)
        }
    }


def show(rounds: Sequence[Round], console: Console) -> None:
    """Print medians over the rounds, and the spread from the slowest to the fastest."""
    table = Table("letters", "letters/s", "spread", "× bare loop", "spread", "bytes each", box=None)
    for name, each in as_json(rounds)["letters"].items():
        rate, ratio = each["rate"], each["ratio"]
        spreads = f"{rate[1]:,.0f} to {rate[2]:,.0f}", f"{ratio[1]:.2f} to {ratio[2]:.2f}"
        table.add_row(name, f"{rate[0]:,.0f}", spreads[0], f"{ratio[0]:.2f}", spreads[1], f"{each['bytes']:,.0f}")
    console.print(f"medians over {len(rounds)} rounds")
    console.print(table)


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Return median, lowest and highest."""
    return float(statistics.median(values)), min(values), max(values)
