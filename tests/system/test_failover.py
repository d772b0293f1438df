"""The primary is lost under load and its standby promoted (deploy/README.md, A standby of the database)."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as UnansweredError
from tests.support.clients.actions import REQUEST, roster
from tests.support.clients.load import Load, a_lasting_load, a_load
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.parallel_publisher import ParallelPublisher
from tests.support.clients.restoring import stopped
from tests.support.eventually import eventually
from tests.support.oracles.going_on import NOTICED_SECONDS, everything_goes_on
from tests.support.oracles.ledger import Ledger
from tests.support.stack.database_node import Node, Surroundings
from tests.support.stack.database_pair import DatabasePair, servers_with_a_pair
from tests.support.stack.running import RunningStack, running_stack
from tests.support.stack.servers import Servers

from practio_chassis.database.engine import engine, session_maker
from practio_contracts.catalogue import SERVICES

pytestmark = pytest.mark.thorough

Pair = tuple[Servers, DatabasePair]


@pytest_asyncio.fixture(scope="module")
async def servers_and_pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    async with servers_with_a_pair(tmp_path_factory.mktemp("pair"), Surroundings()) as found:
        yield found


@pytest_asyncio.fixture(scope="module")
async def stack(servers_and_pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """Yield all services on a broker and a pair of databases."""
    servers, _ = servers_and_pair
    async with running_stack(servers, tmp_path_factory.mktemp("services")) as found:
        yield found


@pytest_asyncio.fixture
async def pair(servers_and_pair: Pair) -> AsyncIterator[DatabasePair]:
    """Yield the pair; the old primary follows the new one at the end, whatever a test did."""
    _, found = servers_and_pair
    yield found
    follower = found.other(await found.primary())
    if not follower.process.runs:
        await found.rejoins(follower)


async def test_with_synchronous_replication_nothing_is_lost(
    outside: OutsideSystem, stack: RunningStack, pair: DatabasePair
) -> None:
    primary = await pair.replicates(synchronously=True)
    processes = [each.process.pid for each in stack.services.values()]
    async with a_lasting_load(outside) as load:
        await load.has_outcomes(100)
        primary.process.kill()
        await pair.other(primary).does("promote")
        async with asyncio.timeout(NOTICED_SECONDS):
            await everything_goes_on(outside, stack)
    await Ledger(outside, stack.mailbox, sender_died=True).is_clean()
    await load.all_have_their_place()
    assert [each.process.pid for each in stack.services.values()] == processes, "services were started again"
    await practio(stack, "invariants")


async def test_asynchronous_replication_loses_what_was_committed_after_the_instant_that_promoting_says(
    stack: RunningStack, pair: DatabasePair
) -> None:
    primary = await pair.replicates(synchronously=False)
    standby = pair.other(primary)
    async with stack.outside() as outside:
        async with a_lasting_load(outside) as load:
            await load.has_outcomes(60)
            safe = with_outcome(outside)
            received = await pair.has_all(standby)
            await pair.is_behind(standby)
            at_most = await primary.asked("SELECT clock_timestamp()")
            await load.has_outcomes(len(with_outcome(outside)) + 40)
            primary.process.kill()
            last_commit = the_instant_in(await standby.does("promote"))
            async with asyncio.timeout(NOTICED_SECONDS):
                await everything_goes_on(outside, stack)
        assert received <= last_commit <= at_most
        lost = with_outcome(outside) & set(load.people) - await with_a_place(load)
        print(f"lost after {last_commit}: {sorted(lost)}")
        assert lost, "nothing was lost: replication was not behind"
        assert not lost & safe, "somebody lost a place who had it before"
        await numbers_and_replays(stack, standby)
        requests = [each for each in outside.published.values() if each["type"] == f"practio.{REQUEST}"]
        await ParallelPublisher(outside, outside).publish_again(requests)
        await load.all_have_their_place()
    await practio(stack, "invariants")
    await a_new_load_is_clean(stack)


def with_outcome(outside: OutsideSystem) -> set[str]:
    """Return the people whose seat or waiting was announced."""
    events = (event for name in ("joined", "waitlisted") for event in outside.events[f"membership.{name}.v1"])
    return {event["data"]["membership"]["person_id"] for event in events}


async def with_a_place(load: Load) -> set[str]:
    """Return the people whom the rosters show."""
    rosters = [await roster(load.outside, room) for room in load.rooms]
    return {entry["membership"]["person_id"] for each in rosters for entry in each["entries"]}


def the_instant_in(output: str) -> datetime:
    """Return until when the new primary has everything."""
    found = re.search(r"its last commit is of (.+)", output)
    assert found, output
    return datetime.fromisoformat(found[1])


async def numbers_and_replays(stack: RunningStack, primary: Node) -> None:
    """Do what deploy/README.md has an operator do after a primary was lost whose standby was behind it."""
    async with stopped(stack, *SERVICES):
        await primary.does("renumber")
    await practio(stack, "rebuild")


async def a_new_load_is_clean(stack: RunningStack) -> None:
    async with stack.outside() as later:
        async with a_load(later, people=80) as more:
            pass
        await Ledger(later, stack.mailbox).is_clean()
        await more.all_have_their_place()


async def test_an_old_primary_that_comes_back_is_no_second_one_and_follows_once_it_is_rejoined(
    outside: OutsideSystem, stack: RunningStack, pair: DatabasePair
) -> None:
    old = await pair.replicates(synchronously=False)
    new = pair.other(old)
    await pair.has_all(new)
    await pair.is_behind(new)
    await old.asked("CREATE TABLE public.only_here ()")
    old.process.kill()
    await new.does("promote")
    old.process.start()
    await eventually(lambda: not old.process.runs, within=30, message="it ends")
    assert "these data would make a second one" in old.process.tail()
    assert "runs: stop it first" in await new.does("rejoin", exits=1)
    await pair.rejoins(old)
    await pair.has_all(old)
    assert await old.asked("SELECT to_regclass('public.only_here')") is None
    await everything_goes_on(outside, stack)


async def test_a_node_that_is_promoted_waits_for_no_standby_though_it_did_before(pair: DatabasePair) -> None:
    first = await pair.replicates(synchronously=True)
    second = pair.other(first)
    first.process.kill()
    await second.does("promote")
    await pair.rejoins(first)
    second.process.kill()
    await first.does("promote")
    async with asyncio.timeout(10):
        await first.asked("CREATE TABLE public.only_here ()")
        await first.asked("DROP TABLE public.only_here")


async def test_a_commit_that_waits_for_the_standby_stays_unseen_though_nobody_waits_for_it(pair: DatabasePair) -> None:
    primary = await pair.replicates(synchronously=True)
    standby = pair.other(primary)
    await primary.asked("CREATE TABLE public.noted (number int PRIMARY KEY)")
    standby.process.stop()
    async with noting(primary, patience=1.0) as impatient, noting(primary) as next_one:
        with pytest.raises(UnansweredError):
            await impatient()
        with pytest.raises(DBAPIError, match="lock timeout"):  # it would be a unique violation, if that were committed
            await next_one()
    standby.process.start()
    await eventually(lambda: primary.asked("SELECT number FROM public.noted"), within=60, message="it is committed")
    await primary.asked("DROP TABLE public.noted")


@asynccontextmanager
async def noting(node: Node, *, patience: float = 30.0) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Yield what writes a row as a service does, and gives up after ``patience`` seconds."""
    pool = engine(SecretStr(node.url), service="rooms", patience=patience)

    async def note() -> None:
        async with session_maker(pool).begin() as session:
            await session.execute(text("SET LOCAL lock_timeout = '2s'"))
            await session.execute(text("INSERT INTO public.noted VALUES (1)"))

    try:
        yield note
    finally:
        await pool.dispose()
