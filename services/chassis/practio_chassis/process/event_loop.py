"""Runs what a process does until its end, on uvloop, with a garbage collector that leaves alone what stays."""

import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

_YOUNG = 10_000
"""How many new objects may be there before the collector looks for cycles among them; Python's usual number is 700."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of ``work``, once it has ended.

    What was loaded until now stays: modules, models, tables, more than 100,000 objects. The collector would visit all
    of them again and again, for 50 ms in which nobody gets an answer, and an answer of some size is enough to make it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
    return uvloop.run(work)
