"""The figures of letters: as a table for people, as JSON for programs."""

import statistics
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.bench.aims import Aim, Spread, Verdict, spread_of
from tests.bench.letters import BARE, BUILT, SERVICE, TWO_COPIES, LettersRound


def as_json(rounds: Sequence[LettersRound]) -> dict[str, Any]:
    """Return rates, letters a second, and how many times the rate of the ready-made loop it is, with their spread."""
    return {
        "letters": {
            name: {
                "rate": spread_of([each.rates[name] for each in rounds]),
                "ratio": spread_of([each.rates[name] / each.rates[BARE] for each in rounds]),
                "bytes": statistics.median(each.sizes[name] for each in rounds),
            }
            for name in (BARE, BUILT, SERVICE, TWO_COPIES)
        }
    }


def show(rounds: Sequence[LettersRound], console: Console) -> None:
    """Print medians over the rounds, and the spread from the slowest to the fastest."""
    table = Table("letters", "letters/s", "spread", "× bare loop", "spread", "bytes each", box=None)
    for name, each in as_json(rounds)["letters"].items():
        rate, ratio = each["rate"], each["ratio"]
        spreads = f"{rate[1]:,.0f} to {rate[2]:,.0f}", f"{ratio[1]:.2f} to {ratio[2]:.2f}"
        table.add_row(name, f"{rate[0]:,.0f}", spreads[0], f"{ratio[0]:.2f}", spreads[1], f"{each['bytes']:,.0f}")
    console.print(f"medians over {len(rounds)} rounds")
    console.print(table)


def verdicts(rounds: Sequence[LettersRound]) -> list[Verdict]:
    """Return the verdicts on the rate of the service."""

    def ratio(name: str) -> Spread:
        return spread_of([each.rates[SERVICE] / each.rates[name] for each in rounds])

    return [
        Verdict(Aim("letters ÷ a loop that builds and sends them", 0.9, at_least=True), ratio(BUILT)),
        Verdict(Aim("letters ÷ a loop that sends ready-made ones", 0.25, at_least=True), ratio(BARE)),
    ]
