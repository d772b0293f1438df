"""The rounds of a benchmark: baseline, many rooms, one room, approvals, again and again on the same servers."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aio_pika
import asyncpg
import psutil
from aio_pika.abc import AbstractChannel
from tests.bench import baseline
from tests.bench.costs import Costs, Watch
from tests.bench.loads import approvals, bare_messages, join_requests, published_rooms
from tests.bench.measure import PreparedMessage, Progress, Run, measure
from tests.support.clients.commands import new_id
from tests.support.clients.outside import COMMANDS
from tests.support.eventually import eventually
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.running import OUTSIDE, RunningStack

from practio_chassis.broker.queue_names import commands_queue, events_queue

LOADS = ("baseline", "many rooms", "one room", "approvals")
DRAIN_SECONDS = 300.0

Showing = Callable[[str], Progress]
"""Begins a progress bar with this name, and returns the function that advances it."""


@dataclass
class Results:
    """The results of all rounds: the runs of each load with their costs, and each process' maximum memory (MiB)."""

    runs: dict[str, list[Run]] = field(default_factory=lambda: {load: [] for load in LOADS})
    costs: dict[str, list[Costs]] = field(default_factory=lambda: {load: [] for load in LOADS[1:]})
    memory: dict[str, float] = field(default_factory=dict)

    def note_memory(self, processes: dict[str, int]) -> None:
        """Note the current memory of each process (by id) if it is the maximum so far."""
        for name, pid in processes.items():
            used = psutil.Process(pid).memory_info().rss / 2**20
            self.memory[name] = max(used, self.memory.get(name, 0.0))


@dataclass(frozen=True)
class Bench:
    """One benchmark on a running stack: how many messages, rooms and rounds."""

    stack: RunningStack
    messages: int
    rooms: int
    rounds: int

    async def run(self, folder: Path, show: Showing) -> Results:
        """Run all rounds; the baseline's log is written to ``folder``."""
        results = Results()
        for number in range(1, self.rounds + 1):
            for load in LOADS:
                progress = show(f"round {number}: {load}")
                if load == "baseline":
                    results.runs[load].append(await bare_loop(self.stack, folder, self.messages, progress))
                else:
                    run, costs = await self._services(load, progress)
                    results.runs[load].append(run)
                    results.costs[load].append(costs)
                results.note_memory({name: each.process.pid for name, each in self.stack.services.items()})
        return results

    async def _services(self, load: str, progress: Progress) -> tuple[Run, Costs]:
        messages = await (self._approvals() if load == "approvals" else self._requests(load))
        await drained(self.stack)
        watch = await Watch.begin(self.stack)
        run = await self._measured(messages, progress)
        await drained(self.stack)
        return run, await watch.costs(self.messages)

    async def _requests(self, load: str) -> list[PreparedMessage]:
        """Return requests for rooms half as large as would hold all, so that the other half waits."""
        rooms = self.rooms if load == "many rooms" else 1
        async with self.stack.outside() as outside:
            opened = await published_rooms(outside, rooms, capacity=max(1, self.messages // rooms // 2))
        return join_requests(outside, opened, self.messages)

    async def _approvals(self) -> list[PreparedMessage]:
        """Return the approvals of people who have asked, for a seat each."""
        host, seats = new_id(), -(-self.messages // self.rooms)
        async with self.stack.outside() as outside:
            opened = await published_rooms(outside, self.rooms, capacity=seats, policy="approval", host=host)
        requests = join_requests(outside, opened, self.messages)
        await drained(self.stack)
        await self._measured(requests, lambda _: None)
        return approvals(outside, requests, host)

    async def _measured(self, messages: Sequence[PreparedMessage], progress: Progress) -> Run:
        async with open_channel(self.stack.outside_url) as channel:
            return await measure(
                channel, exchange=COMMANDS, messages=messages, events=f"outside.{OUTSIDE}", progress=progress
            )


async def bare_loop(stack: RunningStack, folder: Path, count: int, progress: Progress) -> Run:
    """Measure ``count`` messages through the baseline; its log is written to ``folder``."""
    urls = stack.servers.urls
    async with open_channel(urls.broker_url) as channel:
        await _prepare_baseline(channel, urls.database_url)
        loop = ManagedProcess(
            name="baseline",
            command=(sys.executable, "-m", "tests.bench.baseline", urls.broker_url, urls.database_url),
            environment=dict(os.environ),
            log=folder / "baseline.log",
        )
        loop.start()
        messages = bare_messages(stack.outside(), count)
        try:
            return await measure(channel, exchange="", messages=messages, events=baseline.EVENTS, progress=progress)
        finally:
            loop.kill()


async def drained(stack: RunningStack) -> None:
    """Wait until the services have nothing left to do, so that one load does not weigh on the next."""
    queues = [queue_of(service) for service in stack.services for queue_of in (commands_queue, events_queue)]
    async with open_channel(stack.servers.urls.broker_url) as channel:

        async def empty() -> bool:
            found = [await channel.declare_queue(name, passive=True) for name in queues]
            return not any(queue.declaration_result.message_count for queue in found)

        await eventually(empty, within=DRAIN_SECONDS, message="the queues run empty", pause=0.5)


async def _prepare_baseline(channel: AbstractChannel, database_url: str) -> None:
    database = await asyncpg.connect(database_url)
    await baseline.prepare(channel, database)
    await database.close()


@asynccontextmanager
async def open_channel(url: str) -> AsyncIterator[AbstractChannel]:
    """Yield a channel of a connection of its own."""
    async with await aio_pika.connect(url) as connection:
        yield await connection.channel()
