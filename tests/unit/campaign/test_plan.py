from itertools import combinations, islice

import pytest
from tests.campaign.plan import MOST_TOGETHER, SHAPES, FaultKind, InjectedFault, fault_at, moments, proxies_of

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped


def test_a_seed_gives_the_same_plan_each_time_and_another_seed_another() -> None:
    assert list(islice(moments(7), 50)) == list(islice(moments(7), 50))
    assert list(islice(moments(7), 50)) != list(islice(moments(8), 50))


def test_a_plan_goes_on_from_any_index_as_it_did_from_the_first() -> None:
    whole = list(islice(moments(7), 60))
    later = whole[20:]
    assert list(islice(moments(7, first=later[0][0].index), len(later))) == later


def test_every_index_comes_once_alone_or_beside_others() -> None:
    plan = list(islice(moments(7), 500))
    indexes = [fault.index for moment in plan for fault in moment]
    assert indexes == list(range(len(indexes)))
    assert {len(moment) for moment in plan} == set(range(1, MOST_TOGETHER + 1))


def test_every_kind_comes_with_every_target_for_as_long_as_its_shape_says() -> None:
    faults = [fault_at(7, index) for index in range(20_000)]
    for kind, shape in SHAPES.items():
        of_kind = [fault for fault in faults if fault.kind is kind]
        assert {fault.target for fault in of_kind} == set(shape.targets)
        assert all(shape.shortest <= fault.seconds <= shape.longest for fault in of_kind)


def test_a_plan_has_only_the_kinds_that_were_chosen() -> None:
    kinds = [FaultKind.CUT, FaultKind.MAIL_GONE]
    assert {fault_at(7, index, kinds).kind for index in range(100)} == set(kinds)


def test_faults_that_come_together_do_not_spoil_each_other() -> None:
    pairs = [pair for moment in islice(moments(7), 2_000) for pair in combinations(moment, 2)]
    assert pairs
    assert not any(one.harms_the_same_as(other) for one, other in pairs)


def test_faults_of_one_thing_spoil_each_other_and_of_two_do_not() -> None:
    bundle, single = a_fault(FaultKind.BLACK_HOLE, "rooms-*/broker"), a_fault(FaultKind.SLOW, "rooms-2/broker")
    assert bundle.harms_the_same_as(single)
    assert not bundle.harms_the_same_as(a_fault(FaultKind.SLOW, "rooms-2/database"))
    assert a_fault(FaultKind.SERVER_FROZEN, "broker").harms_the_same_as(a_fault(FaultKind.DISK_FULL, "broker"))
    assert a_fault(FaultKind.CLOCK, "rooms-1+1h").harms_the_same_as(a_fault(FaultKind.CLOCK, "rooms-1-1h"))
    assert not a_fault(FaultKind.CLOCK, "rooms-1+1h").harms_the_same_as(a_fault(FaultKind.SERVICE_KILLED, "rooms-1"))


def test_a_bundle_names_the_connections_of_all_copies_or_of_a_service() -> None:
    assert proxies_of("rooms-1/broker") == ["rooms-1/broker"]
    assert proxies_of("rooms-*/broker") == ["rooms-1/broker", "rooms-2/broker"]
    assert len(proxies_of("*/database")) == 6


def a_fault(kind: FaultKind, target: str) -> InjectedFault:
    return InjectedFault(0, kind, target, 1.0)
