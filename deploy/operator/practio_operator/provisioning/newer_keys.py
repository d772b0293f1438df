"""The routing keys that a newer release granted a service: they stay if an installation goes back one release.

The service's outbox may still hold such events. A key that the broker refused would end the relay's channel each time,
and no event behind it would leave.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from practio_chassis.broker.objects import Account, Topology, one_of
from practio_contracts.catalogue import EVENTS, INTERNAL, SERVICES, account_of

_LISTED = re.compile(r"\^\((.*)\)\$")
_KEY = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+\.v[0-9]+")


def with_newer_keys(topology: Topology, held: Iterable[Mapping[str, Any]], *, vhost: str) -> Topology:
    """Return the topology with the keys that services may publish by ``held``, the broker's topic permissions."""
    written = {(each["user"], each["exchange"]): str(each["write"]) for each in held if each["vhost"] == vhost}
    services = {account_of(service): service for service in SERVICES}
    accounts = [
        _widened(each, services[each.name], written) if each.name in services else each for each in topology.accounts
    ]
    return replace(topology, accounts=accounts)


def _widened(account: Account, service: str, written: Mapping[tuple[str, str], str]) -> Account:
    topics = dict(account.topics)
    for exchange in (EVENTS, INTERNAL):
        keys = [*_keys(topics[exchange]), *_keys(written.get((account.name, exchange), ""))]
        topics[exchange] = one_of(list(dict.fromkeys(key for key in keys if key.startswith(f"{service}."))))
    return replace(account, topics=topics)


def _keys(permission: str) -> list[str]:
    """Return the keys that a permission lists; a wildcard of an earlier release lists none."""
    listed = _LISTED.fullmatch(permission)
    keys = [part.replace("\\", "") for part in listed[1].split("|")] if listed else []
    return [key for key in keys if _KEY.fullmatch(key)]
