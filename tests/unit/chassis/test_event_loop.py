"""The loop of a process, and what its garbage collector leaves alone."""

import subprocess
import sys

_PYTHONS_OWN = 700
_PROGRAM = """
import gc
from practio_chassis.process import event_loop

async def work():
    return gc.get_freeze_count(), gc.get_threshold()[0]

print(*event_loop.run(work()))
"""


def test_what_was_loaded_is_left_out_of_garbage_collection() -> None:
    ran = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    frozen, young = map(int, ran.stdout.split())
    assert frozen > 1_000
    assert young > _PYTHONS_OWN
