"""How many reports of conduct wait, and who reads them."""

from typing import Any

from prometheus_client import Gauge

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import gauges
from practio_rooms.store.gauges import open_reports

REPORTS_OPEN = Gauge(
    "practio_conduct_reports_open",
    "Reports of conduct that nobody has settled; read by stewards, or by the system alone",
    ["read_by"],
)


async def count_once(context: MessageContext[Any]) -> None:
    """Count now."""
    for reader, number in (await open_reports(context.session)).items():
        REPORTS_OPEN.labels(reader).set(number)


GAUGES = gauges("rooms", count_once)
