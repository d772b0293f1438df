"""Services start in any order, with everything else late (promise 14)."""

import asyncio
from itertools import permutations

import pytest
from tests.support.clients.actions import a_published_room, accepted, asks
from tests.support.clients.commands import new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack

from practio_contracts.catalogue import SERVICES

FIRST, *OTHERS = permutations(SERVICES)
ORDERS = [FIRST, *(pytest.param(each, marks=pytest.mark.thorough) for each in OTHERS)]


@pytest.mark.parametrize("order", ORDERS)
async def test_services_start_in_any_order(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger, order: tuple[str, ...]
) -> None:
    """Each starts only when the one before it is ready; a room is published and joined while some are still missing."""
    for service in stack.services.values():
        service.process.stop()
    room = asyncio.create_task(a_published_room(outside, policy="open"))
    for name in order:
        await stack.services[name].start()
    assert (await accepted(asks(outside, await room, new_id())))["status"] == "joined"
    await ledger.is_clean()
