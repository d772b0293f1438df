"""The figures of a benchmark: as a table for people, as JSON for programs."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.bench.aims import Aim, Verdict, spread_of
from tests.bench.measure import Run
from tests.bench.rounds import Results


def as_json(results: Results) -> dict[str, Any]:
    """Return everything: each run, and medians, spread and ratio of each load."""
    return {
        "loads": {
            load: {
                "rate": _median(runs, "rate"),
                "spread": [min(run.rate for run in runs), max(run.rate for run in runs)],
                "ratio": statistics.median(ratios(results, load)),
                "ratio_spread": [min(ratios(results, load)), max(ratios(results, load))],
                "p50_ms": _median(runs, "p50_ms"),
                "p99_ms": _median(runs, "p99_ms"),
                "runs": [asdict(run) for run in runs],
                "costs": [asdict(each) for each in results.costs.get(load, [])],
            }
            for load, runs in results.runs.items()
        },
        "memory_mib": results.memory,
    }


def ratios(results: Results, load: str) -> list[float]:
    """Return how many times faster a load was than the baseline of the same round, for each round."""
    pairs = zip(results.runs[load], results.runs["baseline"], strict=True)
    return [run.rate / bare.rate for run, bare in pairs]


def show(results: Results, console: Console) -> None:
    """Print medians over the rounds, and the spread from the slowest to the fastest."""
    table = Table("load", "messages/s", "spread", "× baseline", "spread", "p50 ms", "p99 ms", box=None)
    for load, figures in as_json(results)["loads"].items():
        table.add_row(
            load,
            f"{figures['rate']:,.0f}",
            "{:,.0f} to {:,.0f}".format(*figures["spread"]),
            f"{figures['ratio']:.2f}",
            "{:.2f} to {:.2f}".format(*figures["ratio_spread"]),
            f"{figures['p50_ms']:,.0f}",
            f"{figures['p99_ms']:,.0f}",
        )
    console.print(f"medians over {len(results.runs['baseline'])} rounds")
    console.print(table)
    for name, unit in (("cpu_seconds", "CPU s / 1,000"), ("messages_a_transaction", "messages a transaction")):
        console.print(_costs(results, name, unit))
    console.print("memory: " + ", ".join(f"{name} {used:,.0f} MiB" for name, used in results.memory.items()))


def _costs(results: Results, name: str, unit: str) -> Table:
    """Return a table of medians, and the spread, of one kind of costs by load."""
    costs = {load: [getattr(each, name) for each in rounds] for load, rounds in results.costs.items()}
    table = Table(unit, *(column for load in costs for column in (load, "spread")), box=None)
    for row in sorted({row for rounds in costs.values() for each in rounds for row in each}):
        found = [[each[row] for each in rounds if row in each] for rounds in costs.values()]
        table.add_row(row, *(cell for values in found for cell in _cells(values)))
    return table


def _cells(values: Sequence[float]) -> tuple[str, str]:
    if not values:
        return "", ""
    return f"{statistics.median(values):.2f}", f"{min(values):.2f} to {max(values):.2f}"


def _median(runs: Sequence[Run], name: str) -> float:
    return float(statistics.median(getattr(run, name) for run in runs))


def verdicts(results: Results) -> list[Verdict]:
    """Return the verdicts on the rates, and on the memory of the services at its highest."""
    measures = {
        "many rooms": "requests over many rooms ÷ bare loop",
        "one room": "requests to one room ÷ bare loop",
        "approvals": "approvals ÷ bare loop",
    }
    rates = [
        Verdict(Aim(measure, 1.5, at_least=True), spread_of(ratios(results, load)))
        for load, measure in measures.items()
    ]
    return [*rates, Verdict(Aim("memory of three services, MiB", 300), spread_of([sum(results.memory.values())]))]
