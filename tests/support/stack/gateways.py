"""The gateway as a process, in front of the broker of a stack."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.stack.processes import ManagedProcess
from tests.support.stack.running import RunningStack
from tests.support.stack.service import RunningService

from practio_operator.stack.ports import free_ports


@asynccontextmanager
async def a_gateway(stack: RunningStack, folder: Path, **settings: str) -> AsyncIterator[RunningService]:
    """Run the gateway for as long as the block lasts, with these settings besides the usual ones."""
    port = free_ports(1)[0]
    parts = urlsplit(stack.target.broker_url)
    usual = {
        "PRACTIO_BROKER_ADDRESS": parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(),
        "PRACTIO_HTTP_PORT": str(port),
    }
    process = ManagedProcess(
        name="gateway",
        command=(sys.executable, "-m", "practio_gateway", "serve"),
        environment={key: value for key, value in os.environ.items() if not key.startswith("PRACTIO_")}
        | usual
        | settings,
        log=folder / "gateway.log",
    )
    service = RunningService(process, f"http://127.0.0.1:{port}")
    await service.start()
    try:
        yield service
    finally:
        process.kill()
