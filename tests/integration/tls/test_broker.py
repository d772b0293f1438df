"""The broker behind TLS: reached only by clients that trust its authority and use its name."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aio_pika
import pytest
from tests.integration.tls.certificates import OTHER_NAME
from tests.integration.tls.servers import TlsServers

from practio_chassis.app import App
from practio_chassis.broker.connection import connect
from practio_chassis.settings import Settings
from practio_contracts.client import Client, UnreachableError
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.targets.connection import broker_connection
from practio_rooms.app import SERVICE

pytestmark = pytest.mark.thorough

WRONG: dict[str, Callable[[TlsServers], str]] = {
    "an authority that is another": lambda tls_servers: tls_servers.broker(authority=tls_servers.certificates.others),
    "a name that is not in the certificate": lambda tls_servers: tls_servers.broker(host=OTHER_NAME),
    "plain text": lambda tls_servers: tls_servers.plain_broker(),
}


@asynccontextmanager
async def message(url: str) -> AsyncIterator[None]:
    async with await connect(url, name="tests"):
        yield


@asynccontextmanager
async def taking(url: str) -> AsyncIterator[None]:
    settings = Settings(broker_url=url, database_url="postgresql://a:b@nowhere/none")
    broker = App(SERVICE, settings).subscriptions.broker
    try:
        await broker.connect()
        yield
    finally:
        await broker.stop()


@asynccontextmanager
async def outside(url: str) -> AsyncIterator[None]:
    async with Client.connect(url, source="urn:practio:tests"):
        yield


@asynccontextmanager
async def operating(url: str) -> AsyncIterator[None]:
    async with broker_connection(url):
        yield


WAYS: dict[str, Callable[[str], AbstractAsyncContextManager[None]]] = {
    "a service that publishes": message,
    "a service that takes": taking,
    "an outside system": outside,
    "the operator": operating,
}
REFUSED = (OSError, TimeoutError, aio_pika.exceptions.AMQPError, UnreachableError, OperatorError)


@pytest.mark.parametrize("way", WAYS)
async def test_the_broker_is_reached_by(tls_servers: TlsServers, way: str) -> None:
    async with WAYS[way](tls_servers.broker()):
        pass


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wrong", WRONG)
async def test_the_broker_is_not_reached_by(tls_servers: TlsServers, way: str, wrong: str) -> None:
    with pytest.raises(REFUSED):
        async with WAYS[way](WRONG[wrong](tls_servers)):
            pass


async def test_the_management_interface_is_reached_only_with_our_authority(tls_servers: TlsServers) -> None:
    ours, others = (
        tls_servers.management(),
        f"{tls_servers.management().partition('?')[0]}?cafile={tls_servers.certificates.others}",
    )
    async with management(target(tls_servers, ours)) as broker:
        assert await broker.has("vhosts", "practio")
    with pytest.raises(OperatorError, match="CERTIFICATE_VERIFY_FAILED"):
        async with management(target(tls_servers, others)) as broker:
            await broker.has("vhosts", "practio")


def target(tls_servers: TlsServers, url: str) -> ProvisionTarget:
    return ProvisionTarget(broker_url=tls_servers.broker(), management_url=url, database_url="", passwords={})
