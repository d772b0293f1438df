"""`make soak`: the machine, round after round with new seeds, for as long as it is given."""

import argparse
import random
import time

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from tests.machine.rounds import run_round


def main() -> None:
    """Run rounds until the time is over; a round that fails ends it, and its seed repeats it."""
    arguments = _arguments()
    first = arguments.seed if arguments.seed is not None else random.randrange(2**32)
    ends_at = time.monotonic() + 60 * arguments.minutes
    console = Console()
    steps = number = 0
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("")
        while number == 0 or time.monotonic() < ends_at:
            progress.update(task, description=f"round {number + 1}, seed {first + number}, {steps:,} steps so far")
            try:
                steps += run_round(first + number)
            except BaseException:
                console.print(f"to repeat: make soak ARGS='--seed {first + number} --minutes 0'", markup=False)
                raise
            number += 1
    console.print(f"{number} rounds from seed {first} on, {steps:,} steps: every promise kept.", markup=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description="Run the membership machine for as long as given.")
    parser.add_argument("--minutes", type=float, default=10, help="how long (default 10; 0: one round)")
    parser.add_argument("--seed", type=int, help="where to begin; chance decides otherwise")
    return parser.parse_args()


if __name__ == "__main__":
    main()
