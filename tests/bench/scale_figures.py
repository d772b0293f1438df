"""The figures of a big installation beside a small one: as tables for people, as JSON for programs."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.bench.aims import Aim, Verdict, spread_of
from tests.bench.installations import Installation
from tests.bench.scale import LOADS, ScaleResult

_MIB = 2**20
_MOST = 1.1
_MOST_MEMORY_MIB = 300


def as_json(found: ScaleResult) -> dict[str, Any]:
    """Return everything that was measured."""
    sizes = {name: _installation(each) for name, each in (("small", found.small), ("big", found.big))}
    return {"scale": sizes | {"backup": asdict(found.backup)}}


def _installation(each: Installation) -> dict[str, Any]:
    return {
        "scale": asdict(each.scale),
        "database_bytes": each.bytes,
        "passes_with_work_ms": each.working_ms,
        "passes_at_rest_ms": each.resting_ms,
        "ready_seconds": each.ready_seconds,
        "ready_cpu_seconds": each.ready_work,
        "idle_cpu_seconds_a_minute": each.idle_seconds,
        "requests": {
            load: {
                "runs": [asdict(run) for run in each.runs[load]],
                "costs": [asdict(costs) for costs in each.costs[load]],
            }
            for load in each.runs
        },
        "memory_mib": each.memory,
    }


def times_as_long(found: ScaleResult, load: str) -> list[float]:
    """Return how many times as long a request takes on the big installation, for each round."""
    pairs = zip(found.small.runs[load], found.big.runs[load], strict=True)
    return [small.rate / big.rate for small, big in pairs]


def times_the_work(found: ScaleResult, load: str) -> list[float]:
    """Return how many times the processor time a request takes on the big installation, for each round."""
    pairs = zip(_work(found.small, load), _work(found.big, load), strict=True)
    return [big / small for small, big in pairs]


def _work(each: Installation, load: str, process: str | None = None) -> list[float]:
    """Return the CPU seconds of a process, by default of all, for 1,000 requests, for each round."""
    costs = [found.cpu_seconds for found in each.costs[load]]
    return [sum(found.values()) if process is None else found[process] for found in costs]


def verdicts(found: ScaleResult) -> list[Verdict]:
    """Return the verdicts on the cost of a request, and on the memory of the services."""
    sizes = f"at {found.big.scale.memberships:,} memberships ÷ at {found.small.scale.memberships:,}"
    measures = (("time", times_as_long), ("CPU seconds", times_the_work))
    costs = [
        Verdict(Aim(f"{what} of a request {sizes}, {load}", _MOST), spread_of(ratios(found, load)))
        for what, ratios in measures
        for load in LOADS
    ]
    memory = Aim(f"memory of three services at {found.big.scale.memberships:,} memberships, MiB", _MOST_MEMORY_MIB)
    return [*costs, Verdict(memory, spread_of([sum(found.big.memory.values())]))]


def show(found: ScaleResult, console: Console) -> None:
    """Print the small installation beside the big one, and the backup."""
    sizes = (found.small, found.big)
    names = [f"{each.scale.memberships:,} memberships" for each in sizes]
    table = Table("what", names[0], "spread", names[1], "spread", box=None)
    for what, values in _rows(found).items():
        table.add_row(what, *(cell for each in values for cell in _cells(each)))
    console.print(table)
    _show_passes(found, names, console)
    _show_backup(found, console)


def _rows(found: ScaleResult) -> dict[str, list[Sequence[float]]]:
    """Return what was measured of both, but for their loops."""
    sizes = (found.small, found.big)
    rows: dict[str, list[Sequence[float]]] = {}
    for load in LOADS:
        rows[f"requests/s, {load}"] = [[run.rate for run in each.runs[load]] for each in sizes]
        rows[f"CPU s / 1,000 requests, {load}"] = [_work(each, load) for each in sizes]
        for process in found.small.costs[load][0].cpu_seconds:
            rows[f"  {process}, {load}"] = [
                [costs.cpu_seconds[process] for costs in each.costs[load]] for each in sizes
            ]
    for name in found.small.ready_seconds:
        rows[f"{name} ready after s"] = [each.ready_seconds[name] for each in sizes]
        rows[f"{name} ready after CPU s"] = [each.ready_work[name] for each in sizes]
    rows["CPU s a minute without requests"] = [each.idle_seconds for each in sizes]
    for name in found.small.memory:
        rows[f"{name}, MiB"] = [[each.memory[name]] for each in sizes]
    return rows


def _cells(values: Sequence[float]) -> tuple[str, str]:
    return f"{statistics.median(values):,.2f}", f"{min(values):,.2f} to {max(values):,.2f}"


def _show_passes(found: ScaleResult, names: Sequence[str], console: Console) -> None:
    """Print the medians of each loop's passes."""
    heads = [f"{when}, {name}" for when in ("with work", "at rest") for name in names]
    table = Table("one pass, ms", *heads, box=None)
    for loop in found.small.working_ms:
        passes: Sequence[Mapping[str, Sequence[float]]] = (
            found.small.working_ms,
            found.big.working_ms,
            found.small.resting_ms,
            found.big.resting_ms,
        )
        table.add_row(loop, *(f"{statistics.median(each[loop]):,.1f}" for each in passes))
    console.print(table)


def _show_backup(found: ScaleResult, console: Console) -> None:
    backup = found.backup
    ready = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in backup.ready_seconds.items())
    console.print(
        f"database {found.big.bytes / _MIB:,.0f} MiB: backup {backup.seconds:,.0f} s, {backup.bytes / _MIB:,.0f} MiB; "
        f"restore {backup.restore_seconds:,.0f} s; ready after it: {ready}"
    )
