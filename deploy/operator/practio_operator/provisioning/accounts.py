"""Accounts of outside systems: creating, listing and removing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from practio_chassis.broker.objects import allows_nothing
from practio_chassis.broker.queue_names import dead_queue, outside_queue
from practio_contracts.catalogue import DEAD, SERVICES
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.broker import Management, apply_topology, management
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.definitions import permissions, topic_permissions
from practio_operator.provisioning.grants import HTTP, granted, outside_topology, renewed_account
from practio_operator.provisioning.target import ProvisionTarget


@dataclass(frozen=True, slots=True)
class Publisher:
    """An outside account: its grants, its subscriptions, and whether it may act as the system, and over HTTP.

    ``hooks``: whether it has a queue for its own dead letters.
    """

    account: str
    may: Sequence[str]
    listen: Sequence[str]
    as_system: bool
    over_http: bool = False
    hooks: bool = False


async def add_publisher(
    target: ProvisionTarget,
    account: str,
    password: str,
    *,
    may: Sequence[str],
    listen: Sequence[str],
    as_system: bool = False,
    over_http: bool = False,
    hooks: bool = False,
) -> None:
    """Create an outside account with its queue, or give an existing one new grants and a new password.

    Its open connections stay. Raise OperatorError if a name or pattern is invalid, the name belongs to another account,
    a server refuses, or ``as_system`` is requested before the services' first migration.
    """
    topology = outside_topology(account, may=may, listen=listen, over_http=over_http, hooks=hooks)
    async with management(target) as broker:
        await broker.ensure_vhost()
        await _refuse_other_accounts(broker, account)
        await _mark_system(target, account, as_system=as_system)
        await apply_topology(broker, topology, passwords={account: password})


async def remove_publisher(target: ProvisionTarget, account: str) -> None:
    """Remove an outside account with its queue and the queue's content. Raise OperatorError if it does not exist."""
    async with management(target) as broker:
        await _must_be_outside(broker, account)
        await broker.delete("users", account)
        for queue in (outside_queue(account), dead_queue(outside_queue(account))):
            if await broker.has("queues", broker.vhost, queue):
                await broker.delete("queues", broker.vhost, queue)
    await _mark_system(target, account, as_system=False)


async def renew_grants(target: ProvisionTarget) -> None:
    """Apply the grants of all outside accounts to the catalogue of this release; passwords and queues stay.

    Raise OperatorError if the broker refuses.
    """
    async with management(target) as broker:
        topics = await broker.get("topic-permissions")
        held = {
            name: _topics_of(topics, name, target.vhost)
            for name in _accounts(await broker.get("bindings", broker.vhost))
        }
        renewed = [
            renewed_account(name, keys, hooks=_has_hooks(topics, name, target.vhost))
            for name, keys in held.items()
            if keys
        ]
        await broker.load(topic_permissions(renewed, vhost=broker.vhost))
        await broker.load(permissions(renewed, vhost=broker.vhost))


async def change_password(target: ProvisionTarget, account: str, password: str) -> None:
    """Change the password of an outside account; open connections stay. Raise OperatorError if it does not exist."""
    async with management(target) as broker:
        await _must_be_outside(broker, account)
        known = await broker.get("users", account)
        await broker.put("users", account, body={"password": password, "tags": known["tags"]})


async def publishers(target: ProvisionTarget) -> list[Publisher]:
    """Return the outside accounts, by name. Raise OperatorError if a server refuses."""
    async with management(target) as broker:
        topics = await broker.get("topic-permissions")
        bindings = await broker.get("bindings", broker.vhost)
        users = await broker.get("users")
    over_http = {each["name"] for each in users if HTTP in each["tags"]}
    system = await _system_accounts(target)
    return [
        Publisher(
            account,
            may=_may(topics, account, target.vhost),
            listen=_listen(bindings, account),
            as_system=account in system,
            over_http=account in over_http,
            hooks=_has_hooks(topics, account, target.vhost),
        )
        for account in _accounts(bindings)
    ]


def _accounts(bindings: Any) -> list[str]:
    """Return the outside accounts; every queue is bound to the default exchange, so all of them are found."""
    prefix = outside_queue("")
    names = {each["destination"].removeprefix(prefix) for each in bindings if each["destination"].startswith(prefix)}
    return sorted(name for name in names if "." not in name)  # those with a dot hold dead letters


def _may(topics: Any, account: str, vhost: str) -> list[str]:
    return granted(_topics_of(topics, account, vhost))


def _topics_of(topics: Any, account: str, vhost: str) -> list[str]:
    return [
        each["write"]
        for each in topics
        if each["user"] == account and each["vhost"] == vhost and each["exchange"] != DEAD
    ]


def _has_hooks(topics: Any, account: str, vhost: str) -> bool:
    return any(
        not allows_nothing(each["write"])
        for each in topics
        if each["user"] == account and each["vhost"] == vhost and each["exchange"] == DEAD
    )


def _listen(bindings: Any, account: str) -> list[str]:
    queue = outside_queue(account)
    return sorted(each["routing_key"] for each in bindings if each["destination"] == queue and each["source"])


async def _must_be_outside(broker: Management, account: str) -> None:
    if not await broker.has("queues", broker.vhost, outside_queue(account)):
        raise OperatorError(f"There is no outside account {account}: `practio publisher list` shows them.")


async def _refuse_other_accounts(broker: Management, account: str) -> None:
    """Refuse to take over an account that was not created here, such as the administrator's own."""
    known = await broker.has("users", account)
    if known and not await broker.has("queues", broker.vhost, outside_queue(account)):
        raise OperatorError(f"The broker uses the account {account} for something else: choose another name.")


async def _mark_system(target: ProvisionTarget, account: str, *, as_system: bool) -> None:
    """Record in each service's schema whether ``account`` may act as the system."""
    async with administering(target) as connection, connection.transaction():
        tables = await _system_tables(connection)
        if as_system and len(tables) < len(SERVICES):
            raise OperatorError(
                "Not every schema has its tables yet: run `practio provision --migrate`, "
                f"then add {account} with --as-system."
            )
        for table in tables:
            await connection.execute(f"DELETE FROM {table} WHERE account = $1", account)
            if as_system:
                await connection.execute(f"INSERT INTO {table} (account) VALUES ($1)", account)


async def _system_accounts(target: ProvisionTarget) -> set[str]:
    async with administering(target) as connection:
        tables = await _system_tables(connection)
        rows = [row for table in tables for row in await connection.fetch(f"SELECT account FROM {table}")]
    return {row["account"] for row in rows}


async def _system_tables(connection: asyncpg.Connection) -> list[str]:
    """Return the tables of all migrated schemas."""
    names = [f"{service}.system_account" for service in SERVICES]
    return [name for name in names if await connection.fetchval("SELECT to_regclass($1)", name)]
