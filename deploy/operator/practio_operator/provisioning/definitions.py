"""A topology in RabbitMQ's own format of definitions, which its management interface imports and exports."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from practio_chassis.broker.objects import NOTHING, Account, Binding, Exchange, Queue, QueuePolicy, Topology
from practio_chassis.broker.topology import services_topology
from practio_contracts.catalogue import VHOST

Definitions = dict[str, list[dict[str, Any]]]


def definitions(topology: Topology, *, vhost: str, passwords: Mapping[str, str]) -> Definitions:
    """Return everything inside a vhost except permissions, which come last; ``passwords`` by account.

    Nobody can log in with an account that has no password here.
    """
    return {
        "users": [_user(account, passwords.get(account.name)) for account in topology.accounts],
        **topic_permissions(topology.accounts, vhost=vhost),
        "exchanges": [_exchange(exchange, vhost) for exchange in topology.exchanges],
        "queues": [_queue(queue, vhost) for queue in topology.queues],
        "policies": [_policy(policy, vhost) for policy in topology.policies],
        "bindings": [_binding(binding, vhost) for binding in topology.bindings],
    }


def topic_permissions(accounts: Sequence[Account], *, vhost: str) -> Definitions:
    """Return the routing keys that accounts may publish, by exchange."""
    return {"topic_permissions": [each for account in accounts for each in _topic_permissions(account, vhost)]}


def permissions(accounts: Sequence[Account], *, vhost: str) -> Definitions:
    """Return the permissions of accounts.

    They are separate, since RabbitMQ allows every routing key on an exchange until it has a topic permission.
    """
    return {"permissions": [_permission(account, vhost) for account in accounts]}


def definitions_file() -> str:
    """Return the text of ``deploy/rabbitmq/definitions.json``: the services' topology, without any secret."""
    topology = services_topology()
    inside = definitions(topology, vhost=VHOST, passwords={}) | permissions(topology.accounts, vhost=VHOST)
    return json.dumps({"vhosts": [{"name": VHOST}], **inside}, indent=2) + "\n"


def _user(account: Account, password: str | None) -> dict[str, Any]:
    secret = {"password_hash": ""} if password is None else {"password": password}
    return {"name": account.name, "tags": list(account.tags), **secret}


def _permission(account: Account, vhost: str) -> dict[str, Any]:
    rights = {"configure": NOTHING, "write": account.write, "read": account.read}
    return {"user": account.name, "vhost": vhost, **rights}


def _topic_permissions(account: Account, vhost: str) -> list[dict[str, Any]]:
    return [
        {"user": account.name, "vhost": vhost, "exchange": exchange, "write": keys, "read": NOTHING}
        for exchange, keys in account.topics.items()
    ]


def _exchange(exchange: Exchange, vhost: str) -> dict[str, Any]:
    arguments = {"alternate-exchange": exchange.alternate} if exchange.alternate else {}
    kind = {"type": "topic", "durable": True, "auto_delete": False, "internal": False}
    return {"name": exchange.name, "vhost": vhost, **kind, "arguments": arguments}


def _queue(queue: Queue, vhost: str) -> dict[str, Any]:
    arguments = {"x-queue-type": "quorum", **queue.arguments}
    return {"name": queue.name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": arguments}


def _policy(policy: QueuePolicy, vhost: str) -> dict[str, Any]:
    reach = {"pattern": policy.pattern, "apply-to": "queues", "priority": 0}
    return {"vhost": vhost, "name": policy.name, **reach, "definition": dict(policy.limits)}


def _binding(binding: Binding, vhost: str) -> dict[str, Any]:
    ends = {"source": binding.exchange, "destination": binding.queue, "destination_type": "queue"}
    return {"vhost": vhost, **ends, "routing_key": binding.key, "arguments": {}}
