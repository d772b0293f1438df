"""Fixtures that every storey may use: real servers, and the stack of services on them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.support.stack.backing import servers_of
from tests.support.stack.running import Stack, running_stack
from tests.support.stack.servers import Servers

from practio_operator.stack.backing import choose_backing


@pytest_asyncio.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> AsyncIterator[Servers]:
    """Give PostgreSQL and RabbitMQ, each with an empty database or vhost ``practio``; says what they are."""
    backing, reason = choose_backing()
    request.config.get_terminal_writer().line(f"\nservers: {backing}, since {reason}")
    async with servers_of(backing, tmp_path_factory.mktemp("servers")) as found:
        yield found


@pytest_asyncio.fixture(scope="session")
async def stack(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Give all services, running as processes on real servers, with short delays of retrying."""
    async with running_stack(servers, tmp_path_factory.mktemp("services")) as found:
        yield found
