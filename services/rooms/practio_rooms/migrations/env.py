"""How Alembic reaches the schema ``rooms``."""

from practio_chassis.migrate import run_migrations
from practio_rooms.tables import metadata

run_migrations(metadata)
