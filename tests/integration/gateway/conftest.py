from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aio_pika
import httpx
import pytest_asyncio
from tests.integration.contracts.vhost import ACCOUNT, QUEUE, ContractVhost, a_contract_vhost
from tests.support.stack.servers import Servers

from practio_contracts.catalogue import DEAD
from practio_operator.execution.http import NO_AUTHORITIES


@pytest_asyncio.fixture(scope="session")
async def vhost(servers: Servers) -> AsyncIterator[ContractVhost]:
    """Yield a vhost of these tests' own, whose account has dead letters too."""
    async with a_contract_vhost(servers) as made:
        async with await aio_pika.connect(made.admin_url) as connection:
            channel = await connection.channel()
            await channel.declare_exchange(DEAD, "topic", durable=True)
            dead = await channel.declare_queue(f"{QUEUE}.dead", durable=True, arguments={"x-queue-type": "quorum"})
            await dead.bind(DEAD, f"{QUEUE}.dead")
        await _grant(servers, urlsplit(made.admin_url).path[1:])
        yield made


async def _grant(servers: Servers, vhost: str) -> None:
    """Let the account write and read its dead letters, as ``practio publisher add --hooks`` does."""
    administrator = urlsplit(servers.urls.broker_url)
    login = (administrator.username or "guest", administrator.password or "guest")
    rights = {
        "configure": "^$",
        "write": r"^practio\.(commands|queries|directory|dead)$",
        "read": rf"^{QUEUE}(\.dead)?$",
    }
    async with httpx.AsyncClient(
        base_url=servers.urls.management_url, auth=login, verify=NO_AUTHORITIES, timeout=30
    ) as management:
        keys = {"exchange": DEAD, "write": rf"^{QUEUE}\.dead$", "read": "^$"}
        (await management.put(f"/api/topic-permissions/{vhost}/{ACCOUNT}", json=keys)).raise_for_status()
        (await management.put(f"/api/permissions/{vhost}/{ACCOUNT}", json=rights)).raise_for_status()
