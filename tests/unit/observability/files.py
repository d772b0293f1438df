"""The files by which operators see Practio, and their queries."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[3] / "deploy" / "observability"
NAME = re.compile(r"\b(?:practio|rabbitmq)_\w+\b|\bup\b")


def alerts() -> list[dict[str, Any]]:
    """Return every rule that alerts."""
    groups = yaml.load((FOLDER / "alerts.yml").read_text(), Loader=yaml.CSafeLoader)["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    """Return the dashboard."""
    found: dict[str, Any] = json.loads((FOLDER / "grafana" / "dashboards" / "practio.json").read_text())
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Yield each query of rules and dashboard, with its purpose."""
    yield from ((rule["alert"], rule["expr"]) for rule in alerts())
    for panel in dashboard()["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel.get("targets", []))


def metrics_in(query: str) -> set[str]:
    """Return the names of the metrics that a query asks for."""
    without_texts = re.sub(r'"(?:[^"\\]|\\.)*"', "", query)
    return set(NAME.findall(without_texts))
