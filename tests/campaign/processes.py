"""Signals to a process and everything below it: PostgreSQL's children have process groups of their own."""

import asyncio
import signal
from contextlib import suppress

import psutil
from tests.support.eventually import eventually
from tests.support.stack.processes import ManagedProcess

STOP_SECONDS = 45.0
_GONE_SECONDS = 15.0


def send(process: ManagedProcess, number: signal.Signals) -> None:
    """Send a signal to a process and all below it."""
    for each in _everybody(process):
        with suppress(psutil.NoSuchProcess):
            each.send_signal(number)


async def kill(process: ManagedProcess) -> None:
    """Kill a process and all below it (``-9``), and return when they are gone."""
    everybody = _everybody(process)
    send(process, signal.SIGKILL)
    await eventually(
        lambda: not process.runs and not any(map(_is_there, everybody)),
        within=_GONE_SECONDS,
        message=f"{process.name} is gone",
    )


async def stop(process: ManagedProcess) -> int | None:
    """Ask a process to stop and return its exit code; None if it had to be killed after 45 s."""
    process.ask_to_stop()
    try:
        await eventually(lambda: not process.runs, within=STOP_SECONDS)
    except AssertionError:
        await kill(process)
        return None
    return await asyncio.to_thread(process.stop)


def resident(process: ManagedProcess) -> int:
    """Return the bytes of memory that a process has in use; 0 if it is gone."""
    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _everybody(process: ManagedProcess) -> list[psutil.Process]:
    try:
        first = psutil.Process(process.pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _is_there(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
