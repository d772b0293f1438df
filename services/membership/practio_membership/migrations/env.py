"""How Alembic reaches the schema ``membership``."""

from practio_chassis.database.migrations import run_migrations
from practio_membership.tables import metadata

run_migrations(metadata)
