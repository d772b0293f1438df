"""Alembic's entry point to the schema ``rooms``."""

from practio_chassis.database.migrations import run_migrations
from practio_rooms.tables import metadata

run_migrations(metadata)
