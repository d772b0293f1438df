"""The HTTP server of a process of the gateway."""

import asyncio
import socket

import uvicorn
from starlette.applications import Starlette

from practio_chassis.http_server import Server, stop_requested
from practio_chassis.telemetry.log import logger

_log = logger(__name__)


async def run_until_stopped(app: Starlette, listening: socket.socket, *, proxies: str) -> None:
    """Serve an application until SIGTERM or SIGINT, and finish the requests in hand."""
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, forwarded_allow_ips=proxies)
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(stop_requested().wait())
    _log.info("ready")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
