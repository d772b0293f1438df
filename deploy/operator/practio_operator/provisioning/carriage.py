"""How events travel between the services of this broker, and the change from single events to batches.

A relay that publishes singly tries batches once a second. So once batches have their bindings, every relay publishes
them after the messages that it has in hand. Only then may single events lose their bindings.
"""

import asyncio
from collections.abc import AsyncIterator

from practio_chassis.broker.objects import Binding
from practio_chassis.broker.topology import Carriage, batch_bindings, services_topology
from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.broker import Management
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

CHANGE_SECONDS = 40.0
"""How long both forms are bound: longer than a relay waits for the confirms of what it has in hand (30 s)."""


async def carriages(broker: Management, wanted: Carriage | None) -> AsyncIterator[Carriage]:
    """Yield the carriages to apply, one after the other; without one that is wanted, that of the broker stays.

    On a new broker events travel in batches. Raise OperatorError if the broker is down or refuses.
    """
    held = await _held_bindings(broker)
    carriage = wanted or _carriage_of(held)
    if carriage is Carriage.BATCHES and held & _given_up():
        yield Carriage.EITHER
        await asyncio.sleep(CHANGE_SECONDS)
    yield carriage


async def let_events_go_singly(target: ProvisionTarget) -> None:
    """Let relays publish singly: without this they keep events whose batches reach nobody."""
    async with administering(target) as connection:
        for service in SERVICES:
            table = f"{service}.batches_read"
            if await connection.fetchval("SELECT to_regclass($1)", table):
                await connection.execute(f"DELETE FROM {table}")


def _carriage_of(held: set[Binding]) -> Carriage:
    """Return how events travel on a broker with these bindings: singly only if single events are bound.

    So if a binding for batches is lost, it is made again, and so are all on a new broker.
    """
    is_single = not held.isdisjoint(_given_up()) and not held.issuperset(batch_bindings())
    return Carriage.SINGLY if is_single else Carriage.BATCHES


def _given_up() -> set[Binding]:
    """Return the bindings of single events that are no more, once events travel in batches."""
    return {*services_topology(carriage=Carriage.SINGLY).bindings} - {*services_topology().bindings}


async def _held_bindings(broker: Management) -> set[Binding]:
    if not await broker.has("vhosts", broker.vhost, "permissions"):
        return set()
    bindings = await broker.get("bindings", broker.vhost)
    return {Binding(each["source"], each["destination"], each["routing_key"]) for each in bindings if each["source"]}
