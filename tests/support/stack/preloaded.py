"""What programs of Practio have in common, loaded once in the process from which ``forked.py`` forks them.

Modules of one service alone are not here: each program imports its own, and with them its own metrics.
"""

import gc
from importlib import import_module

from practio_operator.main import command_line

for module in ("practio_chassis.cli", "faststream.rabbit", "uvicorn.protocols.http.h11_impl"):
    import_module(module)
command_line()
gc.freeze()  # so that no collection of a fork copies what all share
