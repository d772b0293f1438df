"""Bytecode that is kept although ``PYTHONDONTWRITEBYTECODE`` is set, though not beside the sources.

To be imported before all else: to compile the tests, Hypothesis and the services takes longer than to run the unit
tests, and each worker and each process of a stack would do so again.
"""

import os
import sys
from pathlib import Path

if sys.dont_write_bytecode:
    sys.pycache_prefix = str(Path(__file__).parents[2] / ".pytest_cache" / "bytecode")
    sys.dont_write_bytecode = False
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
