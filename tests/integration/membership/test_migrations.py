"""The migrations end at the schema of the models, and the history of people cannot be altered."""

from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.integration.membership.membership_service import MembershipService, people

from practio_contracts.membership import Withdraw
from practio_membership.tables import metadata


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_create_the_tables_of_the_models(membership: MembershipService) -> None:
    async with membership.pool.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET to_status = 'declined'",
        "UPDATE history SET reason = 'another'",
        "UPDATE history SET reason = NULL, by = 'somebody'",
        "DELETE FROM history",
        "TRUNCATE history",
    ],
)
async def test_the_database_refuses_to_alter_the_history(membership: MembershipService, statement: str) -> None:
    await membership.join(await membership.publish(), *people(1))
    with pytest.raises(DBAPIError, match="only ever added to"):
        await membership.change(statement)


async def test_a_reason_in_the_history_can_be_forgotten(membership: MembershipService) -> None:
    room, [person] = await membership.publish(), people(1)
    await membership.join(room, person)
    await membership.send(Withdraw(room_id=room.room_id, person_id=person, reason="moved away"), by=person)
    history = "SELECT to_jsonb(history) - 'reason' AS change, reason FROM history WHERE person_id = :person ORDER BY id"
    before = await membership.rows(history, person=person)
    await membership.change("UPDATE history SET reason = NULL WHERE person_id = :person", person=person)
    after = await membership.rows(history, person=person)
    assert [row.reason for row in before][-1] == "moved away"
    assert [row.reason for row in after] == [None] * len(before)
    assert [row.change for row in after] == [row.change for row in before]


async def test_the_database_refuses_a_second_live_membership_of_a_person(membership: MembershipService) -> None:
    room, [person] = await membership.publish(), people(1)
    await membership.join(room, person)
    with pytest.raises(IntegrityError, match="membership_live_once"):
        await membership.change(
            "INSERT INTO membership SELECT (jsonb_populate_record(m, :changes)).* FROM membership m "
            "WHERE person_id = :person",
            changes=f'{{"membership_id": "{uuid4()}", "number": 7}}',
            person=person,
        )


async def test_the_database_refuses_more_people_than_seats(membership: MembershipService) -> None:
    room = await membership.publish(capacity=1)
    await membership.join(room, *people(1))
    with pytest.raises(IntegrityError, match="room_not_oversold"):
        await membership.change("UPDATE room SET taken = 2 WHERE room_id = :room", room=room.room_id)
