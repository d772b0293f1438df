"""Accounts of outside systems, on real servers."""

import secrets
from collections.abc import AsyncIterator

import aio_pika
import httpx
import pytest
import pytest_asyncio
from tests.integration.provision.broker_actions import REFUSED, consume, let_through, publish

from practio_chassis.broker.queue_names import dead_queue, outside_queue
from practio_contracts.catalogue import COMMANDS, DEAD, SERVICES
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.accounts import (
    Publisher,
    add_publisher,
    change_password,
    publishers,
    remove_publisher,
)
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.provision import ProvisionTarget, provision


@pytest_asyncio.fixture
async def account(target: ProvisionTarget) -> AsyncIterator[str]:
    """Yield a name for an account that is gone after the test."""
    name = f"platform-{secrets.token_hex(4)}"
    yield name
    if name in {each.account for each in await publishers(target)}:
        await remove_publisher(target, name)


@pytest_asyncio.fixture
async def migrated(target: ProvisionTarget) -> AsyncIterator[None]:
    """Create in each schema the table that its service's migrations create."""
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


async def test_an_account_without_a_queue_is_listed_too(target: ProvisionTarget, account: str) -> None:
    await add_publisher(target, account, "secret", may=[], listen=[])
    assert Publisher(account, may=[], listen=[], as_system=False) in await publishers(target)


async def test_an_account_added_again_has_only_the_new_grants_and_password(
    target: ProvisionTarget, account: str
) -> None:
    await add_publisher(target, account, "old", may=["rooms.*"], listen=["rooms.#"])
    await add_publisher(target, account, "new", may=["membership.*"], listen=["membership.#"])
    actions = {key: publish(COMMANDS, key, user=account) for key in ("rooms.close-room.v1", "membership.withdraw.v1")}
    assert await let_through(target.broker_as(account, "new"), actions, REFUSED) == ["membership.withdraw.v1"]
    (found,) = [each for each in await publishers(target) if each.account == account]
    assert found.listen == ["membership.#"]
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(target.broker_as(account, "old"))


async def test_a_new_password_leaves_grants_as_they_are_and_cuts_nobody_off(
    target: ProvisionTarget, account: str
) -> None:
    await add_publisher(target, account, "old", may=["rooms.*"], listen=["#"])
    before = [each for each in await publishers(target) if each.account == account]
    async with await aio_pika.connect(target.broker_as(account, "old")) as connected:
        await change_password(target, account, "new")
        await (await connected.channel()).get_queue(outside_queue(account), ensure=False)
        assert not connected.is_closed
    assert [each for each in await publishers(target) if each.account == account] == before
    actions = {"publish": publish(COMMANDS, "rooms.close-room.v1", user=account)}
    assert await let_through(target.broker_as(account, "new"), actions, REFUSED) == ["publish"]
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(target.broker_as(account, "old"))
    with pytest.raises(OperatorError, match="nobody-there"):
        await change_password(target, "nobody-there", "new")


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("membership.withdraw.v1", r"^(?#membership.*)(membership\.request\-to\-join\.v1)$"),
        ("membership.no-such-thing.v1", r"^(membership\.[a-z0-9.-]*)$"),
    ],
    ids=["a release with fewer messages", "a release that granted every key"],
)
async def test_provisioning_applies_the_grants_of_an_existing_account_to_this_release(
    target: ProvisionTarget, account: str, key: str, keys: str
) -> None:
    await add_publisher(target, account, "secret", may=["membership.*"], listen=["membership.#"])
    before = [each for each in await publishers(target) if each.account == account]
    async with management(target) as broker:
        rights = {"exchange": COMMANDS, "write": keys, "read": "^$"}
        await broker.put("topic-permissions", target.vhost, account, body=rights)
    known = {"membership.withdraw.v1", "membership.request-to-join.v1"}
    acts = {each: publish(COMMANDS, each, user=account) for each in {key, *known}}
    url = target.broker_as(account, "secret")
    assert (key in await let_through(url, acts, REFUSED)) is (key not in known)

    await provision(target)

    assert set(await let_through(url, acts, REFUSED)) == known
    assert [each for each in await publishers(target) if each.account == account] == before


async def over_http(target: ProvisionTarget, account: str, method: str, path: str, body: object = None) -> int:
    """Return the status with which the management interface answers an account."""
    login = (account, "secret")
    async with httpx.AsyncClient(base_url=target.management_url, auth=login, trust_env=False) as client:
        return (await client.request(method, f"/api/{path}", json=body)).status_code


async def test_an_account_without_the_grant_cannot_reach_the_management_interface(
    target: ProvisionTarget, account: str
) -> None:
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=["#"])
    assert await over_http(target, account, "GET", "whoami") == httpx.codes.UNAUTHORIZED
    assert not any(each.over_http for each in await publishers(target) if each.account == account)


async def test_access_to_the_management_interface_survives_a_new_password_and_is_revoked_by_adding_without(
    target: ProvisionTarget, account: str
) -> None:
    await add_publisher(target, account, "old", may=["rooms.*"], listen=["#"], over_http=True)
    await change_password(target, account, "secret")
    assert await over_http(target, account, "GET", "whoami") == httpx.codes.OK
    assert [each.over_http for each in await publishers(target) if each.account == account] == [True]
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=["#"])
    assert await over_http(target, account, "GET", "whoami") == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "users", None),
        ("GET", "definitions", None),
        ("GET", "definitions/{vhost}", None),
        ("GET", "permissions", None),
        ("PUT", "users/{account}", {"password": "mine", "tags": "administrator"}),
        ("PUT", "policies/{vhost}/mine", {"pattern": ".*", "definition": {"max-length": 1}, "apply-to": "queues"}),
        ("PUT", "queues/{vhost}/mine", {"durable": True}),
        ("DELETE", "queues/{vhost}/rooms.commands", None),
        ("DELETE", "queues/{vhost}/rooms.commands/contents", None),
        ("POST", "queues/{vhost}/rooms.commands/get", {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}),
        ("POST", "exchanges/{vhost}/practio.events/publish", {"routing_key": "rooms.room-published.v1"}),
        ("POST", "exchanges/{vhost}/practio.commands/publish", {"routing_key": "membership.withdraw.v1"}),
        ("POST", "exchanges/{vhost}/amq.default/publish", {"routing_key": "rooms.commands"}),
    ],
)
async def test_an_account_has_the_same_rights_over_http_as_over_amqp(
    target: ProvisionTarget, account: str, method: str, path: str, body: dict[str, object] | None
) -> None:
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=["#"], over_http=True)
    where = path.format(vhost=target.vhost, account=account)
    message = {"properties": {}, "payload": "{}", "payload_encoding": "string"} | body if body else None
    assert await over_http(target, account, method, where, message) in (
        httpx.codes.UNAUTHORIZED,
        httpx.codes.BAD_REQUEST,
        httpx.codes.FORBIDDEN,
    )


async def test_an_account_publishes_over_http_what_it_was_granted_in_its_own_name(
    target: ProvisionTarget, account: str
) -> None:
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=["#"], over_http=True)
    where = f"exchanges/{target.vhost}/{COMMANDS}/publish"
    message = {"routing_key": "rooms.close-room.v1", "payload": "{}", "payload_encoding": "string"}
    names = {account: httpx.codes.OK, "library": httpx.codes.BAD_REQUEST}
    for name, status in names.items():
        assert await over_http(target, account, "POST", where, message | {"properties": {"user_id": name}}) == status


async def test_a_removed_account_cannot_connect(target: ProvisionTarget, account: str) -> None:
    await add_publisher(target, account, "secret", may=[], listen=["#"])
    reading = {"read": consume(outside_queue(account))}
    assert await let_through(target.broker_as(account, "secret"), reading, REFUSED) == ["read"]
    await remove_publisher(target, account)
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(target.broker_as(account, "secret"))
    with pytest.raises(OperatorError, match=account):
        await remove_publisher(target, account)


@pytest.mark.usefixtures("migrated")
async def test_acting_as_the_system_can_be_granted_and_revoked(target: ProvisionTarget, account: str) -> None:
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=[], as_system=True)
    assert await system_accounts(target, account) == list(SERVICES)
    assert [each.as_system for each in await publishers(target) if each.account == account] == [True]
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=[])
    assert await system_accounts(target, account) == []


@pytest.mark.usefixtures("migrated")
async def test_a_removed_account_may_not_act_as_the_system(target: ProvisionTarget, account: str) -> None:
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=[], as_system=True)
    await remove_publisher(target, account)
    assert await system_accounts(target, account) == []


async def test_before_the_first_migration_no_account_acts_as_the_system(target: ProvisionTarget, account: str) -> None:
    with pytest.raises(OperatorError, match="migrate"):
        await add_publisher(target, account, "secret", may=["rooms.*"], listen=[], as_system=True)
    assert account not in {each.account for each in await publishers(target)}


async def test_a_foreign_account_is_not_taken_over(target: ProvisionTarget) -> None:
    name = f"person-{secrets.token_hex(4)}"
    async with management(target) as broker:
        await broker.put("users", name, body={"password": "hers", "tags": "monitoring"})
        try:
            with pytest.raises(OperatorError, match=name):
                await add_publisher(target, name, "mine", may=["rooms.*"], listen=["#"])
        finally:
            await broker.delete("users", name)


async def system_accounts(target: ProvisionTarget, account: str) -> list[str]:
    """Return the services in whose schema the account may act as the system."""
    async with administering(target) as connection:
        return [
            service
            for service in SERVICES
            if await connection.fetchval(f"SELECT true FROM {service}.system_account WHERE account = $1", account)
        ]


async def test_an_account_with_hooks_has_dead_letters_of_its_own_until_it_is_added_without(
    target: ProvisionTarget, account: str
) -> None:
    queue = dead_queue(outside_queue(account))
    acts = {"publish": publish(DEAD, queue, user=account), "consume": consume(queue)}
    await add_publisher(target, account, "secret", may=["rooms.*"], listen=["#"], hooks=True)
    url = target.broker_as(account, "secret")
    assert await let_through(url, acts, REFUSED) == ["publish", "consume"]
    await provision(target)
    assert await let_through(url, acts, REFUSED) == ["publish", "consume"]
    (found,) = [each for each in await publishers(target) if each.account.startswith(account)]
    assert (found.account, found.may, found.hooks) == (account, ["rooms.*"], True)

    await add_publisher(target, account, "secret", may=["rooms.*"], listen=["#"])
    await provision(target)
    assert await let_through(url, acts, REFUSED) == []
    assert not next(each for each in await publishers(target) if each.account == account).hooks

    await remove_publisher(target, account)
    async with management(target) as broker:
        assert not await broker.has("queues", broker.vhost, queue)
