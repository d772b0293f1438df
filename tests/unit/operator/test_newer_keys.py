"""What a service may publish after an installation went back one release."""

import re

from practio_chassis.broker.topology import services_topology
from practio_contracts.catalogue import EVENTS, INTERNAL, account_of
from practio_operator.provisioning.newer_keys import with_newer_keys

ROOMS = account_of("rooms")


def topics(*held: tuple[str, str, str], vhost: str = "practio") -> dict[str, str]:
    """Return what rooms may publish where the broker holds these permissions: account, exchange, keys."""
    rights = [{"user": user, "exchange": exchange, "write": keys, "vhost": "practio"} for user, exchange, keys in held]
    found = with_newer_keys(services_topology(), rights, vhost=vhost)
    return next(dict(account.topics) for account in found.accounts if account.name == ROOMS)


ITSELF = topics()
NEWER = r"^(rooms\.room\-published\.v1|rooms\.room\-painted\.v1)$"


def test_a_new_broker_gets_the_topology_itself() -> None:
    account = next(each for each in services_topology().accounts if each.name == ROOMS)
    assert account.topics == ITSELF


def test_a_key_of_a_newer_release_stays_on_its_exchange() -> None:
    found = topics((ROOMS, EVENTS, NEWER))
    assert re.search(found[EVENTS], "rooms.room-painted.v1")
    assert re.search(found[EVENTS], "rooms.room-published.v1")
    assert found[INTERNAL] == ITSELF[INTERNAL]


def test_a_wildcard_of_an_earlier_release_and_foreign_keys_go() -> None:
    assert topics((ROOMS, EVENTS, r"^rooms\.")) == ITSELF
    assert topics((ROOMS, EVENTS, r"^(membership\.joined\.v1|rooms\..*)$")) == ITSELF
    assert topics((account_of("membership"), EVENTS, NEWER)) == ITSELF
    assert topics((ROOMS, EVENTS, NEWER), vhost="another") == ITSELF
