"""The migrations end at the schema of the models."""

from uuid import uuid4

from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from tests.integration.notifications.notifications_service import NotificationsService
from tests.unit.migrations.expanding import migrations_of

from practio_notifications.tables import metadata

IN_ASCII, AS_TYPED = "anna@xn--bcher-kva.example", "anna@bücher.example"


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_create_the_tables_of_the_models(notifications: NotificationsService) -> None:
    async with notifications.pool.connect() as connection:
        assert await connection.run_sync(differences) == []


def upgrade(connection: Connection, revision: str) -> None:
    """Run one migration again."""
    [migration] = [each for each in migrations_of("notifications") if each.revision == revision]
    with Operations.context(MigrationContext.configure(connection)):
        migration.module.upgrade()


async def test_addresses_that_were_kept_as_typed_are_found_by_their_key(notifications: NotificationsService) -> None:
    person, other = uuid4(), uuid4()
    for statement in (
        "INSERT INTO contact (person_id, email) VALUES (:person, 'Anna@Bücher.example'), (:other, 'Ada@example.org')",
        "INSERT INTO bounce (bounce_id, email, kind, at, person_id) VALUES (:person, :typed, 'hard', now(), :person)",
        "INSERT INTO former_address (person_id, email) "
        "VALUES (:person, :typed), (:person, :ascii), (:other, :typed), (:other, 'ada@example.org')",
        "INSERT INTO suppression (email, kind, at) VALUES (:typed, 'hard', now()), (:ascii, 'soft', now())",
    ):
        await notifications.do(statement, person=person, other=other, typed=AS_TYPED, ascii=IN_ASCII)
    async with notifications.pool.begin() as connection:
        await connection.run_sync(upgrade, "0014")

    async def emails(table: str, people: str = "WHERE person_id IN (:person, :other)") -> list[str]:
        found = await notifications.rows(f"SELECT email FROM {table} {people}", person=person, other=other)
        return sorted(row.email for row in found)

    assert await emails("contact") == ["Ada@example.org", "Anna@xn--bcher-kva.example"]
    assert await emails("bounce") == [IN_ASCII]
    assert await emails("former_address") == ["ada@example.org", IN_ASCII, IN_ASCII]
    assert await emails("suppression", "WHERE email LIKE 'anna@%'") == [IN_ASCII]
