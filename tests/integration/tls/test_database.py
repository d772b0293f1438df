"""The database behind TLS: reached only by clients that trust its authority and use its name."""

from collections.abc import Callable

import pytest
from pydantic import SecretStr
from tests.integration.tls.certificates import OTHER_NAME
from tests.integration.tls.servers import TlsServers

from practio_chassis.database import engine
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

pytestmark = pytest.mark.thorough

WRONG: dict[str, Callable[[TlsServers], str]] = {
    "an authority that is another": lambda tls_servers: tls_servers.database(authority=tls_servers.certificates.others),
    "a name that is not in the certificate": lambda tls_servers: tls_servers.database(host=OTHER_NAME),
    "plain text": lambda tls_servers: tls_servers.plain_database(),
}


async def test_a_service_reaches_the_database(tls_servers: TlsServers) -> None:
    assert await is_reached(tls_servers.database())


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_service_does_not_reach_the_database_with(tls_servers: TlsServers, wrong: str) -> None:
    assert not await is_reached(WRONG[wrong](tls_servers))


async def test_the_operator_reaches_the_database(tls_servers: TlsServers) -> None:
    async with administering(target(tls_servers.database()), "postgres") as connection:
        assert await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


@pytest.mark.parametrize("wrong", WRONG)
async def test_the_operator_does_not_reach_the_database_with(tls_servers: TlsServers, wrong: str) -> None:
    with pytest.raises(OperatorError, match=r"certificate|no encryption"):
        async with administering(target(WRONG[wrong](tls_servers)), "postgres"):
            pass


async def is_reached(url: str) -> bool:
    pool = engine.engine(SecretStr(url), service="rooms")
    try:
        return await engine.answers(pool)
    finally:
        await pool.dispose()


def target(url: str) -> ProvisionTarget:
    return ProvisionTarget(broker_url="", management_url="", database_url=url, passwords={})
