"""The migrations end at the schema of the models, count again what was counted otherwise, and keep older rows."""

import asyncio
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import Script
from sqlalchemy import Connection, Text, cast, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from tests.integration.rooms.catalogue import Catalogue
from tests.support.clients.commands import a_room
from tests.support.clients.many_rooms import fill
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers
from tests.unit.migrations.expanding import migrations_of

from practio_chassis.database import engine, migrations
from practio_rooms.app import SERVICE
from practio_rooms.tables import RoomRow, metadata

FORMER = "0014"
"""The schema of the release before searches as people type."""


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_create_the_tables_of_the_models(catalogue: Catalogue) -> None:
    async with catalogue.pool.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_free_seats_of_rooms_short_of_roles_are_counted_again(catalogue: Catalogue) -> None:
    """As the release before counted them: three seats, of which the roles have two."""
    roles = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}]
    kinds = {"empty": roles, "taken": roles, "held": roles, "any": [*roles, {"name": "observer"}], "none": None}
    rooms = dict(zip(kinds, await catalogue.publish(*(a_room(capacity=3) for _ in kinds), host=uuid4()), strict=True))
    counted = {"empty": (3, {}), "taken": (2, {"coach": 1}), "held": (1, {"coach": 1}), "any": (3, {}), "none": (3, {})}
    expected = {"empty": 2, "taken": 1, "held": 0, "any": 3, "none": 3}
    async with catalogue.pool.begin() as connection:
        for kind, room_id in rooms.items():
            seats_free, taken = counted[kind]
            snapshot = func.jsonb_set(
                RoomRow.snapshot, cast(["roles"], ARRAY(Text)), cast(kinds[kind] or [{"name": "any"}], JSONB)
            )
            values = {"snapshot": snapshot, "seats_free": seats_free, "roles_taken": taken}
            await connection.execute(update(RoomRow).where(RoomRow.room_id == room_id).values(values))
        await connection.execute(text(free_seats_migration().module._COUNT.replace(":", "\\:")))
        query = select(RoomRow.room_id, RoomRow.seats_free).where(RoomRow.room_id.in_(rooms.values()))
        free = {each.room_id: each.seats_free for each in await connection.execute(query)}
    assert {kind: free[room_id] for kind, room_id in rooms.items()} == expected


def free_seats_migration() -> Script:
    return next(each for each in migrations_of("rooms") if each.revision == "0013")


async def test_rooms_that_the_release_before_wrote_before_and_after_are_found(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda config, _head: upgrade(config, FORMER))
    async with migrated_database(servers, SERVICE, copied=False) as url:
        pool = engine.engine(url, service=SERVICE.name)
        await fill(pool, many=3)
        monkeypatch.undo()
        await asyncio.to_thread(migrations.upgrade, SERVICE, url)
        await fill(pool, many=4)
        assert len((await Catalogue(pool).search(text="RÓOM")).rooms) == 7
        await pool.dispose()
