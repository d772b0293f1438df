"""Their own servers and stack: after a restore, events are numbered differently for ever."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.support.stack.backing import servers_of
from tests.support.stack.running import RunningStack, running_stack
from tests.support.stack.servers import Servers

from practio_operator.stack.backing import choose_backing
from practio_operator.stack.stack import Backing


@pytest_asyncio.fixture(scope="package")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """Yield servers that no other test uses: accounts and roles belong to a whole server, not to a database."""
    backing, _ = choose_backing()
    if backing is Backing.EXTERNAL:
        pytest.skip("restores want servers of their own, and external ones are there once")
    async with servers_of(backing, tmp_path_factory.mktemp("servers"), fsync=False) as found:
        yield found


@pytest_asyncio.fixture(scope="package")
async def stack(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """Yield all services on those servers."""
    async with running_stack(servers, tmp_path_factory.mktemp("services")) as found:
        yield found
