"""Doing a fault: what it takes away is back when the coroutine returns, ready again or not."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.campaign.connection_proxy import ConnectionProxy
from tests.campaign.disks import why_not
from tests.campaign.mail import Mood
from tests.campaign.plan import FaultKind, InjectedFault, proxies_of
from tests.campaign.processes import kill, send, stop
from tests.campaign.stage import FAKETIME, TRUE_TIME, Copy, Stage
from tests.support.stack.processes import ManagedProcess

LOW_DISK = 20 * 2**20
"""Bytes left on a disk that is low: less than RabbitMQ's limit, 50 MB, below which it takes no messages."""


def impossible() -> dict[FaultKind, str]:
    """Return the kinds of faults that this machine cannot do, and why."""
    found: dict[FaultKind, str] = {}
    if (reason := why_not()) is not None:
        found |= dict.fromkeys((FaultKind.DISK_FULL, FaultKind.DISK_LOW), reason)
    if not FAKETIME.exists():
        found[FaultKind.CLOCK] = "the Debian package faketime is not installed"
    return found


async def suffer(stage: Stage, fault: InjectedFault) -> list[str]:
    """Do a fault, for as long as it says, and undo it; return what went wrong in itself."""
    match fault.kind:
        case FaultKind.SERVICE_KILLED | FaultKind.SERVICE_FROZEN | FaultKind.SERVICE_STOPPED:
            return await _service(stage.copies[fault.target], fault)
        case FaultKind.SERVER_KILLED | FaultKind.SERVER_FROZEN | FaultKind.SERVER_STOPPED:
            await _server(stage, fault)
        case FaultKind.CUT | FaultKind.BLACK_HOLE | FaultKind.SLOW:
            await _connections([stage.proxies[each] for each in proxies_of(fault.target)], fault)
        case FaultKind.CLOCK:
            await _clock(stage.copies[fault.target[:-3]], fault)
        case FaultKind.DISK_FULL | FaultKind.DISK_LOW:
            await _disk(stage, fault)
        case FaultKind.MAIL_GONE | FaultKind.MAIL_REFUSES | FaultKind.MAIL_HANGS:
            await _mail(stage, fault)
    return []


async def _service(copy: Copy, fault: InjectedFault) -> list[str]:
    with _taken_away(copy):
        if fault.kind is FaultKind.SERVICE_FROZEN:
            await _frozen(copy.process, fault.seconds)
            return []
        code = await _ended(copy, fault)
        await asyncio.sleep(fault.seconds)
        copy.process.start()
    return [] if code == 0 else [f"{copy.name} was asked to stop and ended with {code}\n{copy.process.tail(3)}"]


async def _ended(copy: Copy, fault: InjectedFault) -> int | None:
    if fault.kind is FaultKind.SERVICE_STOPPED:
        return await stop(copy.process)
    await kill(copy.process)
    return 0


@contextmanager
def _taken_away(copy: Copy) -> Iterator[None]:
    copy.away = True
    try:
        yield
    finally:
        copy.away = False


async def _frozen(process: ManagedProcess, seconds: float) -> None:
    send(process, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    send(process, signal.SIGCONT)


async def _server(stage: Stage, fault: InjectedFault) -> None:
    server, process = stage.server(fault.target)
    match fault.kind:
        case FaultKind.SERVER_FROZEN:
            await _frozen(process, fault.seconds)
            return
        case FaultKind.SERVER_KILLED:
            await kill(process)
        case _:
            await stop(process)
    await asyncio.sleep(fault.seconds)
    await server.start()


async def _connections(proxies: list[ConnectionProxy], fault: InjectedFault) -> None:
    for proxy in proxies:
        match fault.kind:
            case FaultKind.CUT:
                proxy.cut()
            case FaultKind.BLACK_HOLE:
                proxy.black_hole()
            case _:
                proxy.slow = True
    await asyncio.sleep(fault.seconds)
    for proxy in proxies:
        proxy.heal()


async def _clock(copy: Copy, fault: InjectedFault) -> None:
    copy.step_clock(fault.target[-3:])
    await asyncio.sleep(fault.seconds)
    copy.step_clock(TRUE_TIME)


async def _disk(stage: Stage, fault: InjectedFault) -> None:
    """A server that gave up on a full disk is started again, as an operator does who makes room."""
    server, process = stage.server(fault.target)
    disk = stage.disks[fault.target]
    await asyncio.to_thread(disk.fill, leaving=LOW_DISK if fault.kind is FaultKind.DISK_LOW else 0)
    await asyncio.sleep(fault.seconds)
    disk.free()
    if not process.runs:
        await server.start()


async def _mail(stage: Stage, fault: InjectedFault) -> None:
    if fault.kind is FaultKind.MAIL_GONE:
        await asyncio.to_thread(stage.mailbox.stop)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(stage.mailbox.start)
        return
    stage.mailbox.mood = Mood.REFUSES if fault.kind is FaultKind.MAIL_REFUSES else Mood.HANGS
    await asyncio.sleep(fault.seconds)
    stage.mailbox.mood = Mood.WELL
