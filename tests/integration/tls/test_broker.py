"""The broker behind TLS: reached by who believes its authority and calls it by its name, and by nobody else."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aio_pika
import pytest
from faststream.rabbit import RabbitBroker
from tests.integration.tls.certificates import OTHER_NAME
from tests.integration.tls.servers import Secured

from practio_chassis.app import App
from practio_chassis.outbound.replies import connect
from practio_chassis.settings import Settings
from practio_contracts.client import Client, UnreachableError
from practio_operator.errors import OperatorError
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.targets import connection
from practio_rooms.app import SERVICE

pytestmark = pytest.mark.thorough

WRONG: dict[str, Callable[[Secured], str]] = {
    "an authority that is another": lambda secured: secured.broker(authority=secured.papers.others),
    "a name that is not in the certificate": lambda secured: secured.broker(host=OTHER_NAME),
    "plain text": lambda secured: secured.plain_broker(),
}


@asynccontextmanager
async def saying(url: str) -> AsyncIterator[None]:
    async with await connect(url, name="tests"):
        yield


@asynccontextmanager
async def taking(url: str) -> AsyncIterator[None]:
    broker: RabbitBroker = App(SERVICE, Settings(broker_url=url, database_url="postgresql://a:b@nowhere/none")).broker
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
    async with connection(url):
        yield


WAYS: dict[str, Callable[[str], AbstractAsyncContextManager[None]]] = {
    "a service that says": saying,
    "a service that takes": taking,
    "an outside system": outside,
    "the operator": operating,
}
REFUSED = (OSError, TimeoutError, aio_pika.exceptions.AMQPError, UnreachableError, OperatorError)


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_reached_by(secured: Secured, way: str) -> None:
    async with WAYS[way](secured.broker()):
        pass


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wrong", WRONG)
async def test_it_is_not_reached_by(secured: Secured, way: str, wrong: str) -> None:
    with pytest.raises(REFUSED):
        async with WAYS[way](WRONG[wrong](secured)):
            pass


async def test_its_management_is_reached_with_our_authority_alone(secured: Secured) -> None:
    ours, others = secured.management(), f"{secured.management().partition('?')[0]}?cafile={secured.papers.others}"
    async with management(target(secured, ours)) as broker:
        assert await broker.has("vhosts", "practio")
    with pytest.raises(OperatorError, match="CERTIFICATE_VERIFY_FAILED"):
        async with management(target(secured, others)) as broker:
            await broker.has("vhosts", "practio")


def target(secured: Secured, url: str) -> ProvisionTarget:
    return ProvisionTarget(broker_url=secured.broker(), management_url=url, database_url="", passwords={})
