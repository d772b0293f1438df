"""How events travel between services: in batches on a new broker, elsewhere as before until an operator says so."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
import pytest_asyncio

from practio_chassis.broker.objects import Binding
from practio_chassis.broker.queue_names import events_queue
from practio_chassis.broker.topology import Carriage, batch_bindings, services_topology
from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning import carriage
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.provision import ProvisionTarget, provision

EVENT_QUEUES = {events_queue(service) for service in SERVICES}


@pytest_asyncio.fixture(autouse=True)
async def batches_in_the_end(target: ProvisionTarget, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Let a change take no time; at the end events travel in batches again."""
    monkeypatch.setattr(carriage, "CHANGE_SECONDS", 0.0)
    yield
    await carry(target, Carriage.BATCHES)


async def carry(target: ProvisionTarget, wanted: Carriage | None) -> None:
    await provision(replace(target, carriage=wanted))


async def steps(target: ProvisionTarget, wanted: Carriage | None = None) -> Sequence[Carriage]:
    """Return the carriages that would be applied one after the other."""
    async with management(target) as broker:
        return [each async for each in carriage.carriages(broker, wanted)]


async def bindings(target: ProvisionTarget) -> set[Binding]:
    """Return the bindings of the queues of events."""
    async with management(target) as broker:
        held = await broker.get("bindings", broker.vhost)
    found = {Binding(each["source"], each["destination"], each["routing_key"]) for each in held if each["source"]}
    return {each for each in found if each.queue in EVENT_QUEUES}


def wanted(form: Carriage) -> set[Binding]:
    return {each for each in services_topology(carriage=form).bindings if each.queue in EVENT_QUEUES}


async def test_a_new_broker_carries_batches(target: ProvisionTarget) -> None:
    assert await bindings(target) == wanted(Carriage.BATCHES)
    assert await steps(replace(target, vhost="practio_not_there")) == [Carriage.BATCHES]


async def test_a_broker_of_an_earlier_release_keeps_single_events_until_it_is_asked(target: ProvisionTarget) -> None:
    await carry(target, Carriage.SINGLY)
    assert await bindings(target) == wanted(Carriage.SINGLY)
    await carry(target, None)
    assert await bindings(target) == wanted(Carriage.SINGLY)
    await carry(target, Carriage.BATCHES)
    assert await bindings(target) == wanted(Carriage.BATCHES)
    await carry(target, None)
    assert await bindings(target) == wanted(Carriage.BATCHES)


async def test_both_forms_are_bound_before_single_events_lose_their_bindings(target: ProvisionTarget) -> None:
    assert await steps(target, Carriage.BATCHES) == [Carriage.BATCHES]
    await carry(target, Carriage.SINGLY)
    assert await steps(target, Carriage.BATCHES) == [Carriage.EITHER, Carriage.BATCHES]
    await carry(target, Carriage.EITHER)
    assert {*batch_bindings()} <= await bindings(target) == wanted(Carriage.EITHER)
    assert await steps(target) == [Carriage.EITHER, Carriage.BATCHES]
