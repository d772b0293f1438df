"""A vhost and a database of these tests' own, provisioned as an operator would."""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from tests.support.stack.passwords import service_passwords
from tests.support.stack.servers import Servers

from practio_chassis.broker.policies import RETRY_DELAYS
from practio_operator.provisioning.accounts import add_publisher, remove_publisher
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.database import MAINTENANCE, administering
from practio_operator.provisioning.provision import ProvisionTarget, provision

OUTSIDE = "library"
NAME = "practio_provision"


@pytest_asyncio.fixture(scope="package")
async def target(servers: Servers) -> AsyncIterator[ProvisionTarget]:
    """Yield provisioned servers with delays of retrying of 0.3 seconds; vhost and database are gone at the end."""
    found = ProvisionTarget(
        broker_url=servers.urls.broker_url,
        management_url=servers.urls.management_url,
        database_url=servers.urls.database_url,
        passwords=service_passwords(),
        retry_delays=dict.fromkeys(RETRY_DELAYS, timedelta(seconds=0.3)),
        vhost=NAME,
        database=NAME,
    )
    await provision(found)
    yield found
    async with management(found) as broker:
        await broker.delete("vhosts", NAME)
    async with administering(found, MAINTENANCE) as connection:
        await connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest_asyncio.fixture(scope="package")
async def outside_url(target: ProvisionTarget) -> AsyncIterator[str]:
    """Yield the URL of an outside account with grants for membership and people, which receives membership's events."""
    password = secrets.token_hex(8)
    await add_publisher(target, OUTSIDE, password, may=["membership.*", "people.*"], listen=["membership.#"])
    yield target.broker_as(OUTSIDE, password)
    await remove_publisher(target, OUTSIDE)
