import pytest
from tests.campaign.cost import Cost, FaultCosts, costs_by_kind, explaining
from tests.campaign.plan import FaultKind, InjectedFault

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped


def test_each_kind_has_a_line_with_count_median_and_longest() -> None:
    costs = [
        a_cost(FaultKind.CUT, 1.0),
        a_cost(FaultKind.SERVICE_KILLED, 9.0),
        a_cost(FaultKind.CUT, 4.0),
        a_cost(FaultKind.CUT, 2.0),
    ]
    assert costs_by_kind(costs) == [
        FaultCosts(FaultKind.SERVICE_KILLED, count=1, median=9.0, longest=9.0, never=0),
        FaultCosts(FaultKind.CUT, count=3, median=2.0, longest=4.0, never=0),
    ]


def test_what_was_never_ready_is_counted_apart() -> None:
    assert costs_by_kind([a_cost(FaultKind.CUT, None), a_cost(FaultKind.CUT, 4.0)]) == [
        FaultCosts(FaultKind.CUT, 2, 4.0, 4.0, 1)
    ]
    assert costs_by_kind([a_cost(FaultKind.CUT, None)]) == [FaultCosts(FaultKind.CUT, 1, None, None, 1)]


def test_a_fault_of_the_broker_explains_before_all_others_why_a_client_lost_its_connection() -> None:
    killed = InjectedFault(0, FaultKind.SERVER_KILLED, "broker", 1.0)
    frozen = InjectedFault(1, FaultKind.SERVICE_FROZEN, "rooms-1", 1.0)
    assert explaining([frozen, killed]) == [FaultKind.SERVER_KILLED]
    assert explaining([frozen]) == [FaultKind.SERVICE_FROZEN]


def a_cost(kind: FaultKind, seconds: float | None) -> Cost:
    return Cost(InjectedFault(0, kind, "anything", 1.0), seconds)
