"""The history of the schema ends where the models stand."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from tests.integration.notifications.post import Post

from practio_notifications.tables import metadata


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_make_the_tables_of_the_models(post: Post) -> None:
    async with post.pool.connect() as connection:
        assert await connection.run_sync(differences) == []
