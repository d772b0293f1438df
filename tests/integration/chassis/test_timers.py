"""Timers that this release cannot send stop no other timer, and wait for a release that can."""

import json
import uuid

from prometheus_client import REGISTRY
from sqlalchemy import text
from tests.support.stack.example_service import ExampleService

from practio_chassis.handling.timers import Timers


async def insert(desk: ExampleService, key: str, routing_key: str, data: object) -> None:
    statement = text(
        "INSERT INTO timer (key, due_at, routing_key, data)"
        " VALUES (:key, now() - interval '1 hour', :routing_key, :data)"
    )
    async with desk.pool.begin() as connection:
        await connection.execute(statement, {"key": key, "routing_key": routing_key, "data": json.dumps(data)})


async def test_a_command_of_a_later_release_is_left_alone(desk: ExampleService) -> None:
    await insert(desk, "later", "rooms.invented-later.v1", {"room_id": str(uuid.uuid4())})
    await insert(desk, "known", "membership.fill-seats.v1", {"room_id": str(uuid.uuid4())})
    timers = Timers(tables=desk.chassis_tables, transaction=desk.transaction())
    assert await timers.fire() == 1
    assert [row.key for row in await desk.rows("SELECT key FROM timer")] == ["later"]
    assert await timers.fire() == 0
    async with desk.transaction().background() as context:
        await timers.count_set_aside(context)
    assert REGISTRY.get_sample_value("practio_set_aside_rows", {"table": "timer"}) == 1


async def test_a_command_that_cannot_be_read_is_set_aside_and_taken_up_by_the_next_process(
    desk: ExampleService,
) -> None:
    await insert(desk, "odd", "membership.fill-seats.v1", {"room_id": "not an id"})
    await insert(desk, "good", "membership.fill-seats.v1", {"room_id": str(uuid.uuid4())})
    timers = Timers(tables=desk.chassis_tables, transaction=desk.transaction())
    assert await timers.fire() == 1
    assert [(row.key, row.set_aside) for row in await desk.rows("SELECT * FROM timer")] == [("odd", "unreadable")]

    async with desk.pool.begin() as connection:
        await connection.execute(
            text("UPDATE timer SET data = :data"), {"data": json.dumps({"room_id": str(uuid.uuid4())})}
        )
    assert await timers.fire() == 0
    await Timers(tables=desk.chassis_tables, transaction=desk.transaction()).try_again()
    assert await timers.fire() == 1
