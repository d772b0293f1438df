"""Accounts of outside systems, on real servers."""

import secrets
from collections.abc import AsyncIterator

import aio_pika
import pytest
import pytest_asyncio
from tests.integration.provision.acts import REFUSED, consume, let_through, publish

from practio_chassis.topology import outside_queue
from practio_contracts.catalogue import COMMANDS, SERVICES
from practio_operator.accounts import Publisher, add_publisher, publishers, remove_publisher
from practio_operator.errors import OperatorError
from practio_operator.provision import ProvisionTarget
from practio_operator.provision_broker import management
from practio_operator.provision_database import administering


@pytest_asyncio.fixture
async def account(target: ProvisionTarget) -> AsyncIterator[str]:
    """Give a name for an account that is gone after the test."""
    name = f"platform-{secrets.token_hex(4)}"
    yield name
    if name in {each.account for each in await publishers(target)}:
        await remove_publisher(target, name)


@pytest_asyncio.fixture
async def migrated(target: ProvisionTarget) -> AsyncIterator[None]:
    """Give each schema the table that its service's migrations make."""
    async with administering(target) as connection:
        for service in SERVICES:
            await connection.execute(f"CREATE TABLE {service}.system_account (account text PRIMARY KEY)")
        yield
        for service in SERVICES:
            await connection.execute(f"DROP TABLE {service}.system_account")


async def test_an_account_is_listed_as_it_was_added(target: ProvisionTarget, account: str) -> None:
    may, listen = ["people.*", "rooms.search-*"], ["membership.#", "rooms.room-published.v1"]
    await add_publisher(target, account, "secret", may=may, listen=listen)
    (found,) = [each for each in await publishers(target) if each.account == account]
    assert (sorted(found.may), sorted(found.listen), found.as_system) == (may, listen, False)


async def test_one_that_hears_nothing_is_listed_too(target: ProvisionTarget, account: str) -> None:
    await add_publisher(target, account, "secret", may=[], listen=[])
    assert Publisher(account, may=[], listen=[], as_system=False) in await publishers(target)


async def test_added_again_it_has_the_new_grants_and_password_and_no_other(
    target: ProvisionTarget, account: str
) -> None:
    await add_publisher(target, account, "old", may=["rooms.*"], listen=["rooms.#"])
    await add_publisher(target, account, "new", may=["membership.*"], listen=["membership.#"])
    acts = {key: publish(COMMANDS, key, user=account) for key in ("rooms.close-room.v1", "membership.withdraw.v1")}
    assert await let_through(target.broker_as(account, "new"), acts, REFUSED) == ["membership.withdraw.v1"]
    (found,) = [each for each in await publishers(target) if each.account == account]
    assert found.listen == ["membership.#"]
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(target.broker_as(account, "old"))


async def test_one_that_is_removed_cannot_come_back(target: ProvisionTarget, account: str) -> None:
    await add_publisher(target, account, "secret", may=[], listen=["#"])
    reading = {"read": consume(outside_queue(account))}
    assert await let_through(target.broker_as(account, "secret"), reading, REFUSED) == ["read"]
    await remove_publisher(target, account)
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(target.broker_as(account, "secret"))
    with pytest.raises(OperatorError, match=account):
        await remove_publisher(target, account)


@pytest.mark.usefixtures("migrated")
async def test_speaking_for_the_system_is_granted_and_taken_back(target: ProvisionTarget, account: str) -> None:
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=[], as_system=True)
    assert await system_accounts(target, account) == list(SERVICES)
    assert [each.as_system for each in await publishers(target) if each.account == account] == [True]
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=[])
    assert await system_accounts(target, account) == []


@pytest.mark.usefixtures("migrated")
async def test_one_that_is_removed_no_longer_speaks_for_the_system(target: ProvisionTarget, account: str) -> None:
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=[], as_system=True)
    await remove_publisher(target, account)
    assert await system_accounts(target, account) == []


async def test_before_the_first_migration_nobody_speaks_for_the_system(target: ProvisionTarget, account: str) -> None:
    with pytest.raises(OperatorError, match="migrate"):
        await add_publisher(target, account, "secret", may=["rooms.*"], listen=[], as_system=True)
    assert account not in {each.account for each in await publishers(target)}


async def test_an_account_that_is_somebody_elses_is_not_taken_over(target: ProvisionTarget) -> None:
    name = f"person-{secrets.token_hex(4)}"
    async with management(target) as broker:
        await broker.put("users", name, body={"password": "hers", "tags": "monitoring"})
        try:
            with pytest.raises(OperatorError, match=name):
                await add_publisher(target, name, "mine", may=["rooms.*"], listen=["#"])
        finally:
            await broker.delete("users", name)


async def system_accounts(target: ProvisionTarget, account: str) -> list[str]:
    """Give the services in whose schema the account may speak for the system."""
    async with administering(target) as connection:
        return [
            service
            for service in SERVICES
            if await connection.fetchval(f"SELECT true FROM {service}.system_account WHERE account = $1", account)
        ]
