"""Timers that this release cannot send stop no other timer, and wait for a release that can."""

import json
import uuid

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from structlog.testing import capture_logs
from tests.support.stack.example_service import ExampleService

from practio_chassis.handling import timers as module
from practio_chassis.handling.timers import Timers


async def insert(desk: ExampleService, key: str, routing_key: str, data: object) -> None:
    statement = text(
        "INSERT INTO timer (key, due_at, routing_key, data)"
        " VALUES (:key, now() - interval '1 hour', :routing_key, :data)"
    )
    async with desk.pool.begin() as connection:
        await connection.execute(statement, {"key": key, "routing_key": routing_key, "data": json.dumps(data)})


async def look(desk: ExampleService, timers: Timers) -> None:
    async with desk.transaction().background() as context:
        await timers.look_for_unsendable(context)


async def test_a_command_of_a_later_release_is_left_alone(desk: ExampleService) -> None:
    await insert(desk, "later", "rooms.invented-later.v1", {"room_id": str(uuid.uuid4())})
    await insert(desk, "known", "membership.fill-seats.v1", {"room_id": str(uuid.uuid4())})
    timers = Timers(tables=desk.chassis_tables, transaction=desk.transaction())
    assert await timers.fire() == 1
    assert [row.key for row in await desk.rows("SELECT key FROM timer")] == ["later"]
    assert await timers.fire() == 0
    await look(desk, timers)
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


async def test_each_timer_that_cannot_be_sent_is_named_once_with_the_reason(desk: ExampleService) -> None:
    await insert(desk, "later", "rooms.invented-later.v1", {})
    await insert(desk, "odd", "membership.fill-seats.v1", {"room_id": "not an id"})
    timers = Timers(tables=desk.chassis_tables, transaction=desk.transaction())
    with capture_logs() as lines:
        for _ in range(2):
            await timers.fire()
            await look(desk, timers)
            await timers.try_again()
    assert sorted((line["timer"], line["routing_key"], line["reason"]) for line in lines) == [
        ("later", "rooms.invented-later.v1", "unknown command"),
        ("odd", "membership.fill-seats.v1", "unreadable"),
    ]


async def test_only_so_many_named_timers_are_remembered(desk: ExampleService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_NAMED", 1)
    await insert(desk, "one", "rooms.invented-later.v1", {})
    await insert(desk, "two", "rooms.invented-later.v1", {})
    timers = Timers(tables=desk.chassis_tables, transaction=desk.transaction())
    with capture_logs() as lines:
        await look(desk, timers)
    assert len(lines) == 2
    assert len(timers._named) == 1
