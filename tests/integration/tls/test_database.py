"""The database behind TLS: reached by who believes its authority and calls it by its name, and by nobody else."""

from collections.abc import Callable

import pytest
from pydantic import SecretStr
from tests.integration.tls.certificates import OTHER_NAME
from tests.integration.tls.servers import Secured

from practio_chassis.database import engine
from practio_operator.errors import OperatorError
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

pytestmark = pytest.mark.thorough

WRONG: dict[str, Callable[[Secured], str]] = {
    "an authority that is another": lambda secured: secured.database(authority=secured.papers.others),
    "a name that is not in the certificate": lambda secured: secured.database(host=OTHER_NAME),
    "plain text": lambda secured: secured.plain_database(),
}


async def test_a_service_reaches_it(secured: Secured) -> None:
    assert await is_reached(secured.database())


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_service_does_not_reach_it_with(secured: Secured, wrong: str) -> None:
    assert not await is_reached(WRONG[wrong](secured))


async def test_the_operator_reaches_it(secured: Secured) -> None:
    async with administering(target(secured.database()), "postgres") as connection:
        assert await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


@pytest.mark.parametrize("wrong", WRONG)
async def test_the_operator_does_not_reach_it_with(secured: Secured, wrong: str) -> None:
    with pytest.raises(OperatorError, match=r"certificate|no encryption"):
        async with administering(target(WRONG[wrong](secured)), "postgres"):
            pass


async def is_reached(url: str) -> bool:
    pool = engine.engine(SecretStr(url), service="rooms")
    try:
        return await engine.answers(pool)
    finally:
        await pool.dispose()


def target(url: str) -> ProvisionTarget:
    return ProvisionTarget(broker_url="", management_url="", database_url=url, passwords={})
