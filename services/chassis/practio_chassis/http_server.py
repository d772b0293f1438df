"""The HTTP server of a process, and the signals that stop it."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


class Server(uvicorn.Server):
    """Uvicorn without signal handlers of its own: it would end the process by the signal, not with exit code 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to ``stop_requested``."""
        yield


def stop_requested() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set, within the running loop."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop
