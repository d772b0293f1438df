import pytest
from tests.bench import scale_figures
from tests.bench.costs import Costs
from tests.bench.installations import Installation
from tests.bench.measure import Run
from tests.bench.scale import LOADS, SMALL, Backup, ScaleResult
from tests.plans.filled import Scale
from tests.support.stack.passwords import service_passwords

from practio_operator.provisioning.target import ProvisionTarget

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped

MANY, ONE = LOADS


def test_a_request_is_compared_with_the_small_installation_of_the_same_round() -> None:
    found = measured(small=[(100.0, 2.0), (50.0, 4.0)], big=[(50.0, 3.0), (50.0, 4.0)])
    assert scale_figures.times_as_long(found, MANY) == [2.0, 1.0]
    assert scale_figures.times_the_work(found, MANY) == [1.5, 1.0]


def test_the_verdicts_are_on_time_and_work_of_each_load_and_on_memory() -> None:
    found = measured(small=[(100.0, 2.0)], big=[(100.0, 3.0)])
    reached = {each.aim.measure: each.reached for each in scale_figures.verdicts(found)}
    assert reached == {
        f"time of a request at 1,000,000 memberships ÷ at 1,000, {MANY}": True,
        f"time of a request at 1,000,000 memberships ÷ at 1,000, {ONE}": True,
        f"CPU seconds of a request at 1,000,000 memberships ÷ at 1,000, {MANY}": False,
        f"CPU seconds of a request at 1,000,000 memberships ÷ at 1,000, {ONE}": False,
        "memory of three services at 1,000,000 memberships, MiB": True,
    }


def test_a_part_of_a_big_installation_has_a_thousand_of_each_at_least() -> None:
    whole = Scale(letters=10_000_000, memberships=1_000_000, rooms=100_000)
    assert whole.times(0.02) == Scale(letters=200_000, memberships=20_000, rooms=2_000)
    assert whole.times(0.001) == Scale(letters=10_000, memberships=1_000, rooms=1_000)


def measured(*, small: list[tuple[float, float]], big: list[tuple[float, float]]) -> ScaleResult:
    """Return an installation of each size; for each round, requests a second and CPU seconds."""
    whole = Scale(letters=10_000_000, memberships=1_000_000, rooms=100_000)
    return ScaleResult(an_installation(SMALL, small), an_installation(whole, big), Backup(1.0, 1, 1.0))


def an_installation(scale: Scale, rounds: list[tuple[float, float]]) -> Installation:
    target = ProvisionTarget(
        broker_url="amqp://broker",
        management_url="http://broker",
        database_url="postgresql://database",
        passwords=service_passwords(),
    )
    made = Installation(scale, target)
    for load in LOADS:
        made.runs[load] = [Run(seconds=1.0, rate=rate, p50_ms=1.0, p99_ms=1.0) for rate, _ in rounds]
        made.costs[load] = [Costs({"rooms": work / 2, "PostgreSQL": work / 2}, {}) for _, work in rounds]
    made.memory = {"rooms": 100.0, "membership": 100.0, "notifications": 90.0}
    return made
