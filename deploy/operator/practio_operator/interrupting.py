"""Work that is ended in order when somebody interrupts it: Ctrl-C, or SIGTERM as `timeout` and systemd send it."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from practio_operator.errors import OperatorError

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], consequence: str) -> T:
    """Do it as `asyncio.run` does. Raises OperatorError with the ``consequence`` where it was interrupted."""
    try:
        return asyncio.run(_stoppable(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise OperatorError(f"Interrupted: {consequence}.") from None


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task
