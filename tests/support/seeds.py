"""Seeds of random tests: pytest shows what a failed test printed, so that it can be repeated."""

import os
import random


def a_seed() -> int:
    """Return where chance begins, and print it: PRACTIO_SEED, if it is set to what a failed test printed."""
    seed = int(os.environ.get("PRACTIO_SEED") or random.randrange(2**32))
    print(f"PRACTIO_SEED={seed}")
    return seed


def a_chance() -> random.Random:
    """Return chance that begins at such a seed."""
    return random.Random(a_seed())
