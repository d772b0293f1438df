"""Commands, timers and room changes in any order: the promises hold after every step."""

import os
import random

from tests.machine.rounds import run_round

STEPS = 20_000


def test_no_interleaving_of_commands_timers_and_edits_breaks_a_promise() -> None:
    seed = int(os.environ.get("PRACTIO_SEED") or random.randrange(2**32))
    print(f"PRACTIO_SEED={seed}")
    steps = 0
    while steps < STEPS:
        steps += run_round(seed + steps)
