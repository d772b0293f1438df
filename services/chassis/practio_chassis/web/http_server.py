"""The HTTP server of a process, and its port."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from practio_chassis.process.stopping import stop_requested
from practio_chassis.telemetry.log import logger

_log = logger(__name__)


class CannotListenError(Exception):
    """The port is taken, or the address does not belong to this machine; the text is a sentence."""


class Server(uvicorn.Server):
    """Uvicorn without signal handlers of its own: it would end the process by the signal, not with exit code 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to ``stop_requested``."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; raise CannotListenError."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise CannotListenError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error


async def serve_until_stopped(app: Any, listening: socket.socket, *, proxies: str) -> None:
    """Serve an ASGI application until SIGTERM or SIGINT, and finish the requests in hand.

    ``proxies`` are the addresses of those that may name the client.
    """
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, forwarded_allow_ips=proxies)
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(stop_requested().wait())
    _log.info("ready")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
