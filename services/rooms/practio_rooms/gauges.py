"""How many reports of conduct wait, and who reads them."""

from typing import Any

from prometheus_client import Gauge
from sqlalchemy import text

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import gauges
from practio_contracts.rooms import Reader

REPORTS_OPEN = Gauge(
    "practio_conduct_reports_open",
    "Reports of conduct that nobody has settled; read by stewards, or by the system alone",
    ["read_by"],
)

_HAS_STEWARD = """EXISTS (
    SELECT FROM jsonb_array_elements_text(room.snapshot::jsonb -> 'steward_ids') AS steward (id)
    WHERE steward.id::uuid <> ALL (report.about_ids) AND steward.id::uuid IS DISTINCT FROM report.reporter_id
)"""
_BY_READER = text(
    f"""SELECT {_HAS_STEWARD} AS has_steward, count(*)
    FROM conduct_report AS report JOIN room ON room.room_id = report.room_id
    WHERE report.settled_at IS NULL GROUP BY 1"""
)


async def count_once(context: MessageContext[Any]) -> None:
    """Count now; a report whose room has no other steward is for the system to settle."""
    found = {row[0]: row[1] for row in await context.session.execute(_BY_READER)}
    REPORTS_OPEN.labels(Reader.STEWARDS).set(found.get(True, 0))
    REPORTS_OPEN.labels(Reader.SYSTEM).set(found.get(False, 0))


GAUGES = gauges("rooms", count_once)
