"""The largest step that a migration may make while services work: columns that no release knows."""

from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

TABLES = """
SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
 WHERE table_schema = ANY($1) AND table_type = 'BASE TABLE' AND table_name <> 'alembic_version'
"""
EXPAND = """
ALTER TABLE {table} ADD COLUMN IF NOT EXISTS may_be_later text,
                    ADD COLUMN IF NOT EXISTS always_later integer NOT NULL DEFAULT 1
"""


async def expand(target: ProvisionTarget) -> None:
    """Add to every table a nullable column and one with a default, as the next migration might."""
    async with administering(target) as connection:
        for row in await connection.fetch(TABLES, list(SERVICES)):
            await connection.execute(EXPAND.format(table=row[0]))
