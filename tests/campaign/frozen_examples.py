"""The frozen examples of the contract, from which fuzzed messages are made."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from practio_contracts.catalogue import CATALOGUE, COMMANDS, DIRECTORY, QUERIES, exchange_of

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"
FUZZED = (COMMANDS, QUERIES, DIRECTORY)


@cache
def examples() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the frozen examples of what an outside account may publish, by exchange."""
    found: dict[str, list[Mapping[str, Any]]] = {exchange: [] for exchange in FUZZED}
    for path in sorted(EXAMPLES.glob("*.json")):
        event = json.loads(path.read_text(encoding="utf-8"))
        message = CATALOGUE.get(event["type"].removeprefix("practio."))
        exchange = exchange_of(message) if message else ""
        if exchange in found:
            found[exchange].append(event)
    return found
