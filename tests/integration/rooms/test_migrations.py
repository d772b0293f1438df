"""The migrations end at the schema of the models."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from tests.integration.rooms.catalogue import Catalogue

from practio_rooms.tables import metadata


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_make_the_tables_of_the_models(catalogue: Catalogue) -> None:
    async with catalogue.pool.connect() as connection:
        assert await connection.run_sync(differences) == []
