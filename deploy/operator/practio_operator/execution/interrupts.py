"""Work that ends in order on SIGINT (Ctrl-C) and SIGTERM, as `timeout` and systemd send it.

Both signals get a handler explicitly. A shell that is not interactive starts background processes with SIGINT ignored,
as nohup and CI runners do, and Python then installs no handler of its own.
"""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from practio_operator.console.errors import OperatorError

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], consequence: str) -> T:
    """Return the result of the work. Raise OperatorError with the ``consequence`` if it was interrupted."""
    try:
        return asyncio.run(_stoppable(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise OperatorError(f"Interrupted: {consequence}.") from None


def run_until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run work that only an interruption ends; the interruption is not an error."""
    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_stoppable(work))


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task
