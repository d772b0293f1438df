"""The broker's definitions in a backup: the objects of the vhost, and the accounts that may use it."""

from collections.abc import Collection, Mapping
from typing import Any

from practio_operator.provisioning.broker import Management
from practio_operator.provisioning.definitions import Definitions

_INSIDE = ("exchanges", "queues", "bindings", "policies", "permissions", "topic_permissions")
_USERS_OWN = ("permissions", "topic_permissions")


async def defined(broker: Management) -> Definitions:
    """Return the definitions of the vhost. Raise OperatorError if the broker is down or refuses."""
    return of_vhost(await broker.get("definitions"), broker.vhost)


def of_vhost(found: Mapping[str, Any], vhost: str) -> Definitions:
    """Leave out other vhosts and administrators; passwords are there as the salted hashes that the broker keeps."""
    inside = {kind: [each for each in found.get(kind, []) if each["vhost"] == vhost] for kind in _INSIDE}
    let_in = {each["user"] for each in inside["permissions"]}
    users = [each for each in found["users"] if each["name"] in let_in and not each["tags"]]
    return _of_users({"users": users, **inside}, {each["name"] for each in users})


def missing(kept: Definitions, known: Collection[str]) -> Definitions:
    """Leave out accounts that are ``known``: they keep the passwords and rights that they have now."""
    users = [each for each in kept["users"] if each["name"] not in known]
    return _of_users(kept | {"users": users}, {each["name"] for each in users})


def _of_users(found: Definitions, names: Collection[str]) -> Definitions:
    return found | {kind: [each for each in found[kind] if each["user"] in names] for kind in _USERS_OWN}


async def define(broker: Management, kept: Definitions) -> None:
    """Create what is missing. Raise OperatorError if the broker is down, refuses, or has an object in another form."""
    await broker.own_vhost()
    known = {each["name"] for each in await broker.get("users")}
    wanted = missing(kept, known)
    rights = {"permissions": wanted.pop("permissions")}
    await broker.load(wanted)
    await broker.load(rights)
