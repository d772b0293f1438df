"""A standby of the database takes the place of the primary under load; the old primary follows it from then on."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from tests.integration.compose.cluster import HTTP
from tests.integration.compose.docker_stack import run
from tests.integration.compose.pair import FILES, Pair
from tests.support.clients.load import a_lasting_load, a_load
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger

from practio_contracts.catalogue import SERVICES
from practio_operator.stack import engine
from practio_operator.stack.home import CHECKOUT
from practio_operator.stack.services import is_ready

pytestmark = pytest.mark.timeout(900)


@asynccontextmanager
async def a_pair(**settings: str) -> AsyncIterator[Pair]:
    """Return all of Practio on a primary and its standby."""
    if missing := engine.missing_for_docker():
        pytest.skip(f"Compose cannot be tried here: {missing}")
    pair = Pair.of(**settings)
    async with pair.up():
        yield pair


async def test_with_synchronous_replication_nothing_is_lost(tmp_path: Path) -> None:
    async with a_pair(PRACTIO_DATABASE_SYNCHRONOUS="on") as pair, pair.outside() as outside:
        async with a_lasting_load(outside) as load:
            await load.has_outcomes(100)
            await the_standby_takes_over(pair)
            before = len(load.people)
            await load.has_outcomes(before + 100)
        await Ledger(outside, pair.mail, sender_died=True).is_clean(within=120)
        await load.all_have_their_place()
        assert await pair.dead_letters() == []
        await pair.practio("invariants")
        await the_old_primary_follows(pair)
        await a_backup_is_taken_from_it(pair, tmp_path / "kept")


async def the_standby_takes_over(pair: Pair) -> None:
    await pair.compose("kill", "database")
    await pair.node("database-standby", "promote")


async def the_old_primary_follows(pair: Pair) -> None:
    """Started as it is it would be a second primary, so it refuses; rejoined, it has all that the new one has."""
    await pair.compose("start", "database")
    await eventually(
        lambda: refuses_to_start(pair), within=60, message="the old primary says that it would be a second", pause=0.5
    )
    await pair.compose("stop", "database")
    await pair.stopped_node("database", "rejoin")
    await pair.compose("up", "--detach", "--no-deps", "--wait", "database")
    await eventually(lambda: follows(pair, "database"), within=60, message="database follows", pause=0.5)


async def refuses_to_start(pair: Pair) -> bool:
    return "these data would make a second one" in await pair.compose("logs", "--tail=20", "database")


async def follows(pair: Pair, name: str) -> bool:
    leading = "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'"
    return await pair.asked("database-standby", leading) == name


async def a_backup_is_taken_from_it(pair: Pair, folder: Path) -> None:
    files = ":".join(str(CHECKOUT / "deploy" / each) for each in FILES)
    settings = {**pair.environment, "COMPOSE_PROJECT_NAME": pair.name, "COMPOSE_FILE": files}
    script = str(CHECKOUT / "deploy" / "backup")
    await run(script, str(folder), "--standby", environment=settings)
    assert owners(folder) == {os.getuid()}
    await pair.compose("stop", "database")
    with pytest.raises(AssertionError, match=r"cannot be used"):
        await run(script, f"{folder}-2", "--standby", environment=settings)


def owners(folder: Path) -> set[int]:
    return {each.stat().st_uid for each in folder.iterdir()}


async def test_asynchronous_replication_loses_only_what_was_said_before_the_primary_was_lost() -> None:
    async with a_pair() as pair:
        async with pair.outside() as outside:
            async with a_lasting_load(outside) as load:
                await load.has_outcomes(100)
                await the_standby_takes_over(pair)
                before = set(outside.published)
                await load.has_outcomes(len(load.people))
            await numbered_and_replayed(pair)
            ledger = Ledger(outside, pair.mail, sender_died=True)
            with suppress(AssertionError):  # what a rebuild says again, nobody here caused: it is never clean
                await ledger.is_clean(within=60)
            print("lost with the primary:", ledger.lost(), "doubled:", ledger.doubled())
            assert {each.rpartition(" ")[2] for each in ledger.lost() if each.startswith("outcome of")} <= before
        await pair.practio("invariants")
        async with pair.outside() as later:
            async with a_load(later, people=120) as more:
                pass
            await Ledger(later, pair.mail).is_clean(within=120)
            await more.all_have_their_place()


async def numbered_and_replayed(pair: Pair) -> None:
    """What deploy/README.md has an operator do after a primary was lost whose standby was behind it."""
    await pair.compose("stop", *SERVICES)
    await pair.node("database-standby", "renumber")
    await pair.compose("up", "--detach", "--no-deps", "--wait", *SERVICES)
    await all_are_ready(pair)
    await pair.practio("rebuild")


async def all_are_ready(pair: Pair) -> None:
    await asyncio.gather(
        *(eventually(partial(is_ready, pair.http(part)), within=120, message=f"{part} is ready") for part in HTTP)
    )
