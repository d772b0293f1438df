"""The figures of large rooms: as tables for people, as JSON for programs."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.bench.aims import Aim, Verdict, spread_of
from tests.bench.large_rooms import CANCELLED, LargeRoomsRound
from tests.bench.queries import BASELINE

CALM = "lone commands without load"


def as_json(rounds: Sequence[LargeRoomsRound]) -> dict[str, Any]:
    """Return every round as it was measured, and medians and spreads over them."""
    return {
        "acts": {name: _act(rounds, name) for name in rounds[0].acts},
        "commands": {
            CALM: _ways(rounds, lambda each: each.calm_ms),
            **{name: _ways(rounds, partial(_waits, name)) for name in rounds[0].commands_ms},
        },
        "queries": {
            name: {
                "ms": _median([each.queries_ms[name] for each in rounds]),
                "ratio": spread_of([each.queries_ms[name] / each.queries_ms[BASELINE] for each in rounds]),
            }
            for name in rounds[0].queries_ms
        },
        "rounds": [asdict(each) for each in rounds],
    }


def _act(rounds: Sequence[LargeRoomsRound], name: str) -> dict[str, Any]:
    acts = [each.acts[name] for each in rounds]
    return {
        "facts": acts[0].events,
        "transactions": spread_of([float(each.held.transactions) for each in acts]),
        "most_changes": max(each.held.most_changes for each in acts),
        "longest_held": spread_of([each.held.longest for each in acts]),
        "seconds": spread_of([each.seconds for each in acts]),
        "beside": _ways(rounds, lambda each: each.acts[name].beside_ms),
    }


def _waits(name: str, measured: LargeRoomsRound) -> Sequence[float]:
    return measured.commands_ms[name]


def _ways(rounds: Sequence[LargeRoomsRound], ways: Callable[[LargeRoomsRound], Sequence[float]]) -> dict[str, Any]:
    """Return p50 and p99 of how long commands waited, and the ratio to single commands without load."""
    figures: dict[str, Any] = {}
    for name, part in {"p50": _p50, "p99": _p99}.items():
        figures[f"{name}_ms"] = _median([part(ways(each)) for each in rounds])
        figures[f"{name}_ratio"] = spread_of([part(ways(each)) / part(each.calm_ms) for each in rounds])
    return figures


def show(rounds: Sequence[LargeRoomsRound], console: Console) -> None:
    """Print medians over the rounds, and spreads from the lowest to the highest."""
    figures = as_json(rounds)
    console.print(_acts(figures["acts"]))
    console.print("\nsingle commands, × those in other rooms without load")
    console.print(_commands(figures))
    console.print("\nqueries about a room with a long waitlist, × one row by its primary key")
    console.print(_queries(figures["queries"]))


def _acts(acts: dict[str, Any]) -> Table:
    table = Table(
        "act", "facts", "transactions", "changes each ≤", "held ≤ s", "spread", "all out s", "spread", box=None
    )
    for name, act in acts.items():
        table.add_row(
            name,
            f"{act['facts']:,}",
            f"{act['transactions'][0]:,.0f}",
            f"{act['most_changes']:,}",
            f"{act['longest_held'][0]:.2f}",
            "{1:.2f} to {2:.2f}".format(*act["longest_held"]),
            f"{act['seconds'][0]:.1f}",
            "{1:.1f} to {2:.1f}".format(*act["seconds"]),
        )
    return table


def _commands(figures: dict[str, Any]) -> Table:
    table = Table("commands", "p50 ms", "× calm", "spread", "p99 ms", "× calm", "spread", box=None)
    beside = {f"in other rooms: {name}": act["beside"] for name, act in figures["acts"].items()}
    in_the_room = {f"in the room: {name}" if name != CALM else name: ways for name, ways in figures["commands"].items()}
    for name, ways in (in_the_room | beside).items():
        row = [name]
        for part in ("p50", "p99"):
            middle, lowest, highest = ways[f"{part}_ratio"]
            row += [f"{ways[f'{part}_ms']:,.0f}", f"{middle:.1f}", f"{lowest:.1f} to {highest:.1f}"]
        table.add_row(*row)
    return table


def _queries(queries: dict[str, Any]) -> Table:
    table = Table("query", "median ms", "× baseline", "spread", box=None)
    for name, each in queries.items():
        middle, lowest, highest = each["ratio"]
        table.add_row(name, f"{each['ms']:.1f}", f"{middle:.0f}", f"{lowest:.0f} to {highest:.0f}")
    return table


def _p50(ways: Sequence[float]) -> float:
    return statistics.median(ways)


def _p99(ways: Sequence[float]) -> float:
    return statistics.quantiles(ways, n=100, method="inclusive")[98]


def _median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


def verdicts(rounds: Sequence[LargeRoomsRound]) -> list[Verdict]:
    """Return the verdicts on what the cancellation of a room costs."""
    beside = as_json(rounds)["acts"][CANCELLED]["beside"]
    cancelled = spread_of([each.acts[CANCELLED].seconds / each.bare_seconds for each in rounds])
    return [
        Verdict(Aim("room of 10,000 cancelled ÷ bare loop's time for as many events", 0.7), cancelled),
        Verdict(Aim("lone commands meanwhile ÷ without load, p50", 1.5), beside["p50_ratio"]),
        Verdict(Aim("lone commands meanwhile ÷ without load, p99", 3), beside["p99_ratio"]),
    ]
