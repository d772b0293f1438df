"""The outbox is measured without reading it as a whole, however long it is."""

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from tests.plans.explained import explaining
from tests.support.stack.example_service import ExampleService

from practio_chassis.outbound import outbox_age
from practio_chassis.outbound.outbox_age import count_outbox, oldest_age


async def fill(desk: ExampleService, rows: int) -> None:
    """Add rows, each written a second after the one before; the last now."""
    statement = text(
        "INSERT INTO outbox (message_id, routing_key, subject, public, said_at)"
        " SELECT n, 'rooms.room-published.v1', n, 'x', now() - (:rows - n) * interval '1 second'"
        " FROM generate_series(1, :rows) AS n"
    )
    async with desk.pool.begin() as connection:
        await connection.execute(statement, {"rows": rows})


async def counted(desk: ExampleService) -> tuple[float, float]:
    """Return how many rows are shown, and the age of the oldest in seconds."""
    async with desk.transaction().background() as context:
        await count_outbox(context, desk.chassis_tables)
    rows, age = (REGISTRY.get_sample_value(f"practio_outbox_{each}") for each in ("rows", "age_seconds"))
    assert rows is not None
    assert age is not None
    return rows, age


async def test_an_empty_outbox_has_no_rows_and_no_age(desk: ExampleService) -> None:
    assert await counted(desk) == (0.0, 0.0)
    assert await oldest_age(desk.pool, desk.chassis_tables) == 0.0


async def test_rows_are_counted_and_the_oldest_gives_the_age(desk: ExampleService) -> None:
    await fill(desk, 100)
    rows, age = await counted(desk)
    assert rows == 100
    assert 99 <= age <= await oldest_age(desk.pool, desk.chassis_tables)


async def test_many_rows_are_counted_by_their_ids_and_a_straggler_among_them_counts_once(
    desk: ExampleService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_age, "COUNTED", 10)
    await fill(desk, 1_000)
    async with desk.pool.begin() as connection:
        await connection.execute(text("DELETE FROM outbox WHERE id BETWEEN 2 AND 500"))
    assert (await counted(desk))[0] == 501


async def test_a_long_outbox_is_not_read_as_a_whole(desk: ExampleService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_age, "COUNTED", 100)
    await fill(desk, 20_000)
    async with desk.pool.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("VACUUM ANALYZE outbox"))
    with explaining(desk.pool) as plans:
        await counted(desk)
        await oldest_age(desk.pool, desk.chassis_tables)
    assert max(read.rows for plan in plans.taken for read in plan.reads() if read.table == "outbox") <= 100
