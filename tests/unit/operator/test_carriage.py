"""How events travel on a broker, by the bindings that it has."""

from practio_chassis.broker.topology import Carriage, batch_bindings, services_topology
from practio_operator.provisioning.carriage import _carriage_of

SINGLE = {*services_topology(carriage=Carriage.SINGLY).bindings}
BATCHES = {*services_topology(carriage=Carriage.BATCHES).bindings}
LOST = batch_bindings()[0]


def test_a_lost_binding_leaves_events_in_batches() -> None:
    assert _carriage_of(BATCHES) is Carriage.BATCHES
    assert _carriage_of(BATCHES - {LOST}) is Carriage.BATCHES


def test_a_new_broker_carries_batches() -> None:
    assert _carriage_of(set()) is Carriage.BATCHES


def test_single_events_stay_single_until_every_binding_of_batches_is_there() -> None:
    assert _carriage_of(SINGLE) is Carriage.SINGLY
    assert _carriage_of({*SINGLE, *BATCHES} - {LOST}) is Carriage.SINGLY
    assert _carriage_of({*SINGLE, *BATCHES}) is Carriage.BATCHES
