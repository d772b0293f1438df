"""The sizes of a service's tables, by the database's own estimates: nothing is counted."""

from typing import Any

from prometheus_client import Gauge
from sqlalchemy import text

from practio_chassis.context import MessageContext

ROWS = Gauge("practio_table_rows", "Rows of a table, as the database estimates them", ["table"])
BYTES = Gauge("practio_table_bytes", "Bytes of a table on disk, with its indexes and long values", ["table"])

_SIZES = text("""
    SELECT relname AS name, greatest(reltuples, 0)::bigint AS rows, pg_total_relation_size(oid) AS bytes
    FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
""")


async def measure_tables(context: MessageContext[Any]) -> None:
    """Set the gauges to the estimates of the last ANALYZE or VACUUM, and to the sizes on disk now."""
    for row in await context.session.execute(_SIZES):
        ROWS.labels(row.name).set(row.rows)
        BYTES.labels(row.name).set(row.bytes)
