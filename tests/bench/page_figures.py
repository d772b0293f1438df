"""The figures of pages: as a table for people, as JSON for programs."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.bench.aims import Aim, Verdict, spread_of
from tests.bench.pages import BARE, QUERY, PagesRound


def as_json(rounds: Sequence[PagesRound]) -> dict[str, Any]:
    """Return the figures of each page, with their spread.

    They are p50 and p95, the processor time of services and pages, and the ratio of the median to that of a page that
    asks nothing.
    """
    return {
        "pages": {
            name: {
                "p50_ms": spread_of([each.p50(name) for each in rounds]),
                "p95_ms": spread_of([each.p95(name) for each in rounds]),
                "work_ms": spread_of([each.work(name) for each in rounds]),
                "ratio": spread_of([each.p50(name) / each.p50(BARE) for each in rounds]),
                "bytes": max(each.sizes.get(name, 0) for each in rounds),
            }
            for name in rounds[0].taken
        }
    }


def show(rounds: Sequence[PagesRound], console: Console) -> None:
    """Print medians over the rounds, and the spread from the fastest to the slowest; the slowest page first."""
    table = Table("page", "p50 ms", "spread", "p95 ms", "spread", "CPU ms", "× bare page", "KiB", box=None)
    pages = as_json(rounds)["pages"]
    for name, each in sorted(pages.items(), key=lambda page: -page[1]["p95_ms"][0]):
        p50, p95 = each["p50_ms"], each["p95_ms"]
        spreads = f"{p50[1]:.1f} to {p50[2]:.1f}", f"{p95[1]:.1f} to {p95[2]:.1f}"
        size = f"{each['bytes'] / 1024:.0f}"
        work, ratio = f"{each['work_ms'][0]:.1f}", f"{each['ratio'][0]:.1f}"
        table.add_row(name, f"{p50[0]:.1f}", spreads[0], f"{p95[0]:.1f}", spreads[1], work, ratio, size)
    console.print(f"medians over {len(rounds)} rounds; a room of 10,000 people, a person of 500 rooms, 100,000 rooms")
    console.print(table)


def verdicts(rounds: Sequence[PagesRound]) -> list[Verdict]:
    """Return the verdict on the slowest page."""
    pages = {name: each["p95_ms"] for name, each in as_json(rounds)["pages"].items() if name not in (BARE, QUERY)}
    slowest = max(pages, key=lambda name: pages[name][0])
    return [Verdict(Aim(f"slowest page ({slowest}), p95 ms", 100), pages[slowest])]
