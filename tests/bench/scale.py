"""What a big installation costs beside a small one: requests, loops, start-up, memory, backup and restore.

The services work on both by turns, in each round. What they make stays, so the small one grows by as many memberships
as there are requests; it stays far smaller than the big one.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.bench.costs import Watch
from tests.bench.installations import (
    SERVICES,
    Installation,
    an_installation,
    let_services_work_on,
    nothing_left,
    stop_services,
)
from tests.bench.loads import join_requests, published_rooms
from tests.bench.measure import Progress, measure
from tests.bench.rounds import open_channel
from tests.plans.filled import Scale
from tests.support.clients.operator import practio
from tests.support.clients.outside import COMMANDS
from tests.support.clients.restoring import inside
from tests.support.stack.running import OUTSIDE, RunningStack

SMALL = Scale(letters=10_000, memberships=1_000, rooms=100)
LOADS = ("many rooms", "one room")
IDLE_SECONDS = 30.0

Begin = Callable[[str, int], Progress]


@dataclass(frozen=True)
class Backup:
    """How long a backup of the big installation took while everything ran, how large it is, how long a restore took.

    ``ready_seconds`` are those of each service on the restored database, from its start until it is ready.
    """

    seconds: float
    bytes: int
    restore_seconds: float
    ready_seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ScaleResult:
    """The small installation, the big one, and the backup of the latter."""

    small: Installation
    big: Installation
    backup: Backup


async def measured(
    stack: RunningStack, folder: Path, big: Scale, *, messages: int, rooms: int, rounds: int, begin: Begin
) -> ScaleResult:
    """Make both installations on the stack's servers, and measure everything."""
    await stop_services(stack)
    database = stack.target.database
    small = await _filled(stack, SMALL, f"{database}_small", begin)
    large = await _filled(stack, big, database, begin)
    for number in range(1, rounds + 1):
        for each in (small, large) if number % 2 else (large, small):
            await _a_round(stack, each, number, messages, rooms, begin)
    await let_services_work_on(stack, large)
    backup = await _backed_up(stack, large, folder, begin("backup and restore", 2))
    return ScaleResult(small, large, backup)


async def _filled(stack: RunningStack, scale: Scale, database: str, begin: Begin) -> Installation:
    progress = begin(f"{scale.memberships:,} memberships: fill, time the loops", 2 * len(SERVICES))
    return await an_installation(stack, scale, database, progress)


async def _a_round(
    stack: RunningStack, installation: Installation, number: int, messages: int, rooms: int, begin: Begin
) -> None:
    """Start the services, leave them alone for a while, and let people ask to join."""
    name = f"round {number}, {installation.scale.memberships:,} memberships"
    progress = begin(f"{name}: start, rest", 2)
    await let_services_work_on(stack, installation)
    progress(1)
    await nothing_left(stack)
    watch = await Watch.begin(stack)
    await asyncio.sleep(IDLE_SECONDS)
    installation.idle_seconds.append(sum((await watch.costs(1_000)).cpu_seconds.values()) * 60 / IDLE_SECONDS)
    progress(1)
    for load in LOADS:
        count = rooms if load == LOADS[0] else 1
        async with stack.outside() as outside:
            opened = await published_rooms(outside, count, capacity=max(1, messages // count // 2))
            requests = join_requests(outside, opened, messages)
        await nothing_left(stack)
        watch = await Watch.begin(stack)
        async with open_channel(stack.outside_url) as channel:
            events, progress = f"outside.{OUTSIDE}", begin(f"{name}: {load}", messages)
            run = await measure(channel, exchange=COMMANDS, messages=requests, events=events, progress=progress)
        await nothing_left(stack)
        installation.runs.setdefault(load, []).append(run)
        installation.costs.setdefault(load, []).append(await watch.costs(messages))
        installation.note_memory(stack)


async def _backed_up(stack: RunningStack, installation: Installation, folder: Path, progress: Progress) -> Backup:
    """Back up everything while the services run; then restore it in place of what is there, and start them again."""
    backup = folder / "backup"
    began = time.perf_counter()
    await practio(stack, "backup", str(backup), *inside(stack))
    seconds = time.perf_counter() - began
    progress(1)
    await stop_services(stack)
    began = time.perf_counter()
    await practio(stack, "restore", str(backup), "--replace", *inside(stack))
    restore_seconds = time.perf_counter() - began
    progress(1)
    restored = replace(installation, ready_seconds={}, ready_work={})
    await let_services_work_on(stack, restored)
    ready = {name: first for name, [first] in restored.ready_seconds.items()}
    return Backup(seconds, sum(each.stat().st_size for each in backup.iterdir()), restore_seconds, ready)
