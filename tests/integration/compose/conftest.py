"""The stack on Docker, brought up once for a module of tests and down again."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.integration.compose.dock import KINDS, Dock
from tests.support.outside import Outside

from practio_operator.local import engine
from practio_operator.local.home import Home


@pytest_asyncio.fixture(scope="module")
async def dock(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Dock]:
    """Give a stack in containers; at the end it is down, and no container, network or volume is left of it."""
    if lacking := engine.what_lacks():
        pytest.skip(f"Compose cannot be tried here: {lacking}")
    found = Dock(Home(tmp_path_factory.mktemp("docker")))
    try:
        await found.practio("up")
        yield found
    finally:
        await found.practio("down")
    assert {kind: await found.left(kind) for kind in KINDS} == {kind: [] for kind in KINDS}


@pytest_asyncio.fixture
async def outside(dock: Dock) -> AsyncIterator[Outside]:
    """Give the outside system of that stack."""
    async with dock.outside() as found:
        yield found
