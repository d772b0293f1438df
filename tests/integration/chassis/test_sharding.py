"""The number of shards in the database, and who holds which of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from sqlalchemy import MetaData, insert, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.support.eventually import eventually
from tests.support.stack.example_service import ExampleService

from practio_chassis.database.sharding import Sharding, sharding_table
from practio_chassis.inbound.shards import claims as module
from practio_chassis.inbound.shards.claims import Claims

METADATA = MetaData()
TABLE = sharding_table(METADATA)


@pytest_asyncio.fixture
async def sharding(desk: ExampleService) -> Sharding:
    """Return the row with four shards, of which two are active."""
    async with desk.pool.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        await connection.execute(insert(TABLE).values(one=True, wanted=4, active=2, queues=4, epoch=0))
    return Sharding(METADATA, desk.pool)


@pytest_asyncio.fixture
async def sessions(desk: ExampleService) -> AsyncIterator[Sequence[AsyncConnection]]:
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(3):
            session = await stack.enter_async_context(desk.pool.connect())
            stack.push_async_callback(session.invalidate)
            found.append(await session.execution_options(isolation_level="AUTOCOMMIT"))
        yield found


async def test_a_shard_is_dry_once_in_its_epoch(sharding: Sharding) -> None:
    spread = await sharding.begin()
    for shard in (1, 0, 1):
        await sharding.note_drained(spread.epoch, shard)
    assert sorted((await sharding.read()).drained) == [0, 1]
    await sharding.note_drained(spread.epoch - 1, 2)
    assert sorted((await sharding.read()).drained) == [0, 1]


async def test_a_move_ends_in_the_epoch_in_which_it_began(sharding: Sharding) -> None:
    spread = await sharding.begin()
    later = await sharding.begin()
    assert await sharding.move(spread) is None
    moved = await sharding.move(later)
    assert moved is not None
    assert (moved.active, moved.drained) == (4, [])
    assert await sharding.read() == moved


async def test_a_new_epoch_forgets_what_was_dry_in_the_last_one(sharding: Sharding) -> None:
    spread = await sharding.begin()
    await sharding.note_drained(spread.epoch, 0)
    assert (await sharding.begin()).drained == []


async def test_nothing_moves_if_another_number_is_wanted_meanwhile(sharding: Sharding, desk: ExampleService) -> None:
    spread = await sharding.begin()
    async with desk.pool.begin() as connection:
        await connection.execute(update(TABLE).values(wanted=3))
    assert await sharding.move(spread) is None
    assert (await sharding.read()).active == 2


async def test_one_instance_holds_a_shard_and_all_see_it(sessions: Sequence[AsyncConnection]) -> None:
    first, second, elsewhere = (Claims(each, name) for each, name in zip(sessions, ("a", "a", "b"), strict=True))
    for each in (first, second, elsewhere):
        await each.be_there()
    assert await first.take(0)
    assert not await second.take(0)
    assert await second.take(1)
    assert await elsewhere.take(0)
    held, other = await first.held(), await second.held()
    assert held.holders == other.holders == {0: held.own, 1: other.own}
    assert set(held.instances) == set(other.instances) == {held.own, other.own}
    await first.give_up(0)
    assert await second.take(0)


async def test_an_instance_that_ends_holds_nothing(sessions: Sequence[AsyncConnection]) -> None:
    first, second = (Claims(each, "a") for each in sessions[:2])
    for each in (first, second):
        await each.be_there()
    assert await first.take(0)
    await sessions[0].invalidate()
    await eventually(lambda: second.take(0))
    assert len((await second.held()).instances) == 1


async def test_the_session_of_a_silent_instance_is_ended(
    sessions: Sequence[AsyncConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (Claims(each, "a") for each in sessions[:2])
    for each in (first, second):
        await each.be_there()
    assert await first.take(0)
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.2)

    async def alone() -> bool:
        return len((await second.held()).instances) == 1

    await eventually(alone)
    assert await second.take(0)
    with pytest.raises(DBAPIError):
        await first.held()
