"""Whatever fails under load, nothing is lost, nothing happens twice (promises 1, 2, 6 and 10)."""

import random

import pytest
from tests.support.clients.load import Load, a_load
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack
from tests.support.stack.service import RunningService
from tests.support.thorough import times

PEOPLE = len(times(200, thoroughly=400))


@pytest.mark.parametrize(
    "service",
    ["membership", *(pytest.param(name, marks=pytest.mark.thorough) for name in ("rooms", "notifications"))],
)
async def test_a_service_killed_under_load_loses_nothing(
    outside: OutsideSystem, stack: RunningStack, chance: random.Random, service: str
) -> None:
    async with a_load(outside, people=PEOPLE) as load:
        for moment in sorted(chance.uniform(0.02, 0.9) for _ in range(3)):
            await load.has_handled_share(moment)
            await stack.services[service].restart_after_kill()
    await the_books_are_right(stack, load, sender_died=service == "notifications")


async def test_the_broker_killed_under_load_keeps_confirmed_messages(
    outside: OutsideSystem, stack: RunningStack, chance: random.Random
) -> None:
    async with a_load(outside, people=PEOPLE) as load:
        await load.has_handled_share(chance.uniform(0.05, 0.6))
        stack.servers.broker.kill()
        await eventually(lambda: is_not_ready(stack.pages), within=30, message="pages is not ready")
        await stack.servers.broker.start()
    await the_books_are_right(stack, load)
    await stack.pages.ready()


async def is_not_ready(service: RunningService) -> bool:
    return not await service.is_ready()


async def test_the_database_killed_under_load_and_brought_back_loses_nothing(
    outside: OutsideSystem, stack: RunningStack, chance: random.Random
) -> None:
    async with a_load(outside, people=PEOPLE) as load:
        await load.has_handled_share(chance.uniform(0.05, 0.6))
        stack.servers.database.kill()
        await stack.servers.database.start()
    await the_books_are_right(stack, load, sender_died=True)


async def test_a_service_stopped_under_load_finishes_its_messages_and_exits_with_0(
    outside: OutsideSystem, stack: RunningStack, chance: random.Random
) -> None:
    async with a_load(outside, people=PEOPLE) as load:
        for service in stack.services.values():
            await load.has_handled_share(chance.uniform(0.05, 0.5))
            assert service.process.stop() == 0
            await service.start()
    await the_books_are_right(stack, load)


async def the_books_are_right(stack: RunningStack, load: Load, *, sender_died: bool = False) -> None:
    """Check that the ledger is clean, and everybody has a seat or waits."""
    await Ledger(load.outside, stack.mailbox, sender_died=sender_died).is_clean()
    await load.all_have_their_place()
