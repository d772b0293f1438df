"""The metrics of rules and dashboard exist: none was renamed, none never existed."""

from prometheus_client import REGISTRY
from tests.support.every_case import every_case
from tests.unit.observability.files import dashboard, metrics_in, queries

import practio_chassis.database.table_sizes
import practio_chassis.telemetry.metrics
import practio_gateway.connections
import practio_gateway.counting
import practio_gateway.hooks.counting
import practio_membership.gauges
import practio_notifications.delivery.outcomes
import practio_notifications.delivery.sender
import practio_notifications.gauges
import practio_pages.page_metrics
import practio_rooms.gauges

MEASURING = (
    practio_chassis.telemetry.metrics,
    practio_chassis.database.table_sizes,
    practio_membership.gauges,
    practio_notifications.gauges,
    practio_notifications.delivery.outcomes,
    practio_notifications.delivery.sender,
    practio_pages.page_metrics,
    practio_rooms.gauges,
    practio_gateway.counting,
    practio_gateway.connections,
    practio_gateway.hooks.counting,
)
"""Their metrics are registered once they are imported."""

PROMETHEUS_ITSELF = {"up"}
OF_RABBITMQ = {
    "rabbitmq_detailed_queue_consumers",
    "rabbitmq_detailed_queue_messages_ready",
    "rabbitmq_detailed_queue_messages_ready_bytes",
}
"""Asked of the exporter itself in tests/integration/observability/test_exporter.py."""

PARTS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def measured() -> set[str]:
    """Return the names of Practio's metrics in Prometheus."""
    return {
        f"{metric.name}{part}"
        for metric in REGISTRY.collect()
        if metric.name.startswith("practio_")
        for part in PARTS[metric.type]
    }


@every_case(("asked_by", "query"), list(queries()))
def test_every_queried_metric_is_measured(asked_by: str, query: str) -> None:
    asked = metrics_in(query)
    assert asked, f"{asked_by} asks for nothing"
    assert asked - measured() - OF_RABBITMQ - PROMETHEUS_ITSELF == set()


def test_the_dashboard_shows_everything_that_is_measured() -> None:
    shown = {name for _, query in queries() for name in metrics_in(query)}
    families = {
        (metric.name, PARTS[metric.type]) for metric in REGISTRY.collect() if metric.name.startswith("practio_")
    }
    assert {name for name, parts in families if not shown & {f"{name}{part}" for part in parts}} == set()


def test_no_label_grows_with_rooms_people_or_letters() -> None:
    bounded = {
        "type",
        "outcome",
        "queue",
        "delay",
        "reason",
        "kind",
        "status",
        "state",
        "what",
        "page",
        "loop",
        "table",
        "read_by",
    }
    labels = {
        label
        for collector in REGISTRY._collector_to_names
        if any(name.startswith("practio_") for name in REGISTRY._collector_to_names[collector])
        for label in getattr(collector, "_labelnames", ())
    }
    assert labels <= bounded


def test_panels_do_not_overlap_and_have_unique_names() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    places = [
        (x, y)
        for grid in (panel["gridPos"] for panel in panels)
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    ]
    assert len(set(places)) == len(places)
