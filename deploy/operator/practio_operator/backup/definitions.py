"""The broker's definitions in a backup: the objects of the vhost, and the accounts that may use it."""

from collections.abc import Collection, Mapping
from typing import Any

from practio_operator.provisioning.broker import Management
from practio_operator.provisioning.definitions import Definitions

_INSIDE = ("exchanges", "queues", "bindings", "policies", "permissions", "topic_permissions")
_USERS_OWN = ("permissions", "topic_permissions")


async def read_definitions(broker: Management) -> Definitions:
    """Return the definitions of the vhost. Raise OperatorError if the broker is down or refuses."""
    return vhost_definitions(await broker.get("definitions"), broker.vhost)


def vhost_definitions(found: Mapping[str, Any], vhost: str) -> Definitions:
    """Return the definitions without other vhosts and administrators; passwords are the broker's salted hashes."""
    inside = {kind: [each for each in found.get(kind, []) if each["vhost"] == vhost] for kind in _INSIDE}
    permitted = {each["user"] for each in inside["permissions"]}
    users = [each for each in found["users"] if each["name"] in permitted and not each["tags"]]
    return _rights_of({"users": users, **inside}, {each["name"] for each in users})


def without_known_accounts(saved: Definitions, known: Collection[str]) -> Definitions:
    """Return the definitions without ``known`` accounts, which keep their present passwords and rights."""
    users = [each for each in saved["users"] if each["name"] not in known]
    return _rights_of(saved | {"users": users}, {each["name"] for each in users})


def _rights_of(found: Definitions, names: Collection[str]) -> Definitions:
    return found | {kind: [each for each in found[kind] if each["user"] in names] for kind in _USERS_OWN}


async def create_missing(broker: Management, saved: Definitions) -> None:
    """Create what is missing. Raise OperatorError if the broker is down or refuses, or an object differs."""
    await broker.ensure_vhost()
    known = {each["name"] for each in await broker.get("users")}
    wanted = without_known_accounts(saved, known)
    rights = {"permissions": wanted.pop("permissions")}
    await broker.load(wanted)
    await broker.load(rights)
