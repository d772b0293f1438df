"""The aims for what a benchmark measures, and whether a measurement reaches them."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

Spread = tuple[float, float, float]
"""The median of a measure over the rounds, its lowest and its highest value."""


@dataclass(frozen=True)
class Aim:
    """The value that a measure is to have: at least ``bound`` if ``at_least``, otherwise at most."""

    measure: str
    bound: float
    at_least: bool = False

    @property
    def text(self) -> str:
        """Return the aim as people write it."""
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"

    def is_reached(self, value: float) -> bool:
        """Return whether a value reaches the aim."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True)
class Verdict:
    """A measured aim."""

    aim: Aim
    measured: Spread

    @property
    def reached(self) -> bool:
        """Return whether the median reaches the aim."""
        return self.aim.is_reached(self.measured[0])


def spread_of(values: Sequence[float]) -> Spread:
    """Return median, lowest and highest."""
    return float(statistics.median(values)), min(values), max(values)


def as_json(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return the verdicts for programs."""
    return [
        {"measure": each.aim.measure, "measured": each.measured, "aim": each.aim.text, "reached": each.reached}
        for each in verdicts
    ]


def show(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print the verdicts."""
    table = Table("measure", "measured", "spread", "aim", "verdict", box=None)
    for each in verdicts:
        middle, lowest, highest = each.measured
        spread = f"{lowest:.2f} to {highest:.2f}"
        table.add_row(
            each.aim.measure, f"{middle:.2f}", spread, each.aim.text, "reached" if each.reached else "not reached"
        )
    console.print(table)
