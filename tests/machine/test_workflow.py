"""Commands, timers and room changes in any order: the promises hold after every step."""

import pytest
from tests.machine.rounds import RUNS, STEPS_A_RUN, run_round
from tests.support.seeds import a_seed

PARTS = [
    2_000,
    *(pytest.param(4_000, marks=pytest.mark.thorough, id=f"4000, part {part}") for part in range(1, 6)),
]
"""How many steps each test walks: several tests, so that each keeps its deadline on a busy machine."""


@pytest.mark.parametrize("count", PARTS)
def test_no_interleaving_of_commands_timers_and_room_changes_breaks_a_promise(count: int) -> None:
    seed = a_seed()
    steps = 0
    while steps < count:
        steps += run_round(seed + steps, runs=min(RUNS, 1 + (count - steps) // STEPS_A_RUN))
