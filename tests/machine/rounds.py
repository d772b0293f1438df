"""Rounds of the machine: a number of runs that a seed repeats."""

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.machine.workflow import Workflow

RUNS = 100
STEPS_A_RUN = 50

SETTINGS = settings(
    max_examples=RUNS,
    stateful_step_count=STEPS_A_RUN,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def run_round(number: int, *, runs: int = RUNS) -> int:
    """Run the machine ``runs`` times with the seed ``number``; return how many steps were checked.

    Raise the error of a step, after printing the shortest path to it that was found.
    """
    before = Workflow.steps
    run_state_machine_as_test(seed(number)(Workflow), settings=settings(SETTINGS, max_examples=runs))
    return Workflow.steps - before
