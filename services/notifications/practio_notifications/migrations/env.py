"""How Alembic reaches the schema ``notifications``."""

from practio_chassis.database.migrations import run_migrations
from practio_notifications.tables import metadata

run_migrations(metadata)
