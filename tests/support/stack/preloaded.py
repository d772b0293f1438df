"""What programs of Practio have in common, loaded once in the process from which ``forked.py`` forks them.

Modules of one service alone are not here: each program imports its own, and with them its own metrics.
"""

import gc

import faststream.rabbit  # noqa: F401
import uvicorn.protocols.http.h11_impl  # noqa: F401

import practio_operator.main

practio_operator.main.command_line()
gc.freeze()  # so that no collection of a fork copies what all share
