"""The figures of searches: as a table for people, as JSON for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.bench.aims import Aim, Verdict, spread_of
from tests.bench.searches import BASELINE, COMMON, Timing


def as_json(searches: Mapping[str, Timing]) -> dict[str, Any]:
    """Return each search, and the ratio of its median to the read of a row."""
    return {
        "searches": {
            name: asdict(timing) | {"ratio": timing.p50_ms / searches[BASELINE].p50_ms}
            for name, timing in searches.items()
        }
    }


def show(searches: Mapping[str, Timing], console: Console) -> None:
    """Print each search."""
    table = Table("search among 100,000 rooms", "p50 ms", "p99 ms", "× baseline", box=None)
    for name, figures in as_json(searches)["searches"].items():
        table.add_row(name, f"{figures['p50_ms']:.1f}", f"{figures['p99_ms']:.1f}", f"{figures['ratio']:.1f}")
    console.print(table)


def verdicts(searches: Mapping[str, Timing]) -> list[Verdict]:
    """Return the verdict on the search for a word that every room has."""
    return [Verdict(Aim("search for a common word, p99 ms", 60), spread_of([searches[COMMON].p99_ms]))]
