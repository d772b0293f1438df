import pytest
from tests.campaign.cost import Cost, FaultCosts, costs_by_kind
from tests.campaign.plan import Fault, Kind

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped


def test_each_kind_has_a_line_with_count_median_and_longest() -> None:
    costs = [a_cost(Kind.CUT, 1.0), a_cost(Kind.SERVICE_KILLED, 9.0), a_cost(Kind.CUT, 4.0), a_cost(Kind.CUT, 2.0)]
    assert costs_by_kind(costs) == [
        FaultCosts(Kind.SERVICE_KILLED, count=1, median=9.0, longest=9.0, never=0),
        FaultCosts(Kind.CUT, count=3, median=2.0, longest=4.0, never=0),
    ]


def test_what_was_never_ready_is_counted_apart() -> None:
    assert costs_by_kind([a_cost(Kind.CUT, None), a_cost(Kind.CUT, 4.0)]) == [FaultCosts(Kind.CUT, 2, 4.0, 4.0, 1)]
    assert costs_by_kind([a_cost(Kind.CUT, None)]) == [FaultCosts(Kind.CUT, 1, None, None, 1)]


def a_cost(kind: Kind, seconds: float | None) -> Cost:
    return Cost(Fault(0, kind, "anything", 1.0), seconds)
