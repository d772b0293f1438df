"""What it costs to spread the commands of membership over shards: CPU seconds of each instance and server."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.bench.costs import Costs, Watch
from tests.bench.loads import join_requests, published_rooms
from tests.bench.measure import Progress, Run, measure
from tests.bench.rounds import drained, open_channel
from tests.support.clients.outside import COMMANDS
from tests.support.clients.sharding import spread_over
from tests.support.stack.running import OUTSIDE, RunningStack

SPREADS = ((1, 1), (4, 1), (2, 3), (6, 3))
"""Numbers of shards and of instances."""


@dataclass(frozen=True)
class ShardResult:
    """The result with so many shards and instances."""

    shards: int
    instances: int
    run: Run
    costs: Costs

    @property
    def name(self) -> str:
        """Return what is spread over what, in words."""
        return f"{self.shards} shards, {self.instances} instances"


async def a_round(stack: RunningStack, messages: int, rooms: int, progress: Progress) -> list[ShardResult]:
    """Measure requests to many rooms with each of the spreads, one after the other."""
    return [await _spread(stack, shards, instances, messages, rooms, progress) for shards, instances in SPREADS]


async def _spread(
    stack: RunningStack, shards: int, instances: int, messages: int, rooms: int, progress: Progress
) -> ShardResult:
    membership = stack.services["membership"]
    async with AsyncExitStack() as copies:
        others = [await copies.enter_async_context(membership.copy()) for _ in range(instances - 1)]
        await spread_over(stack, shards)
        async with stack.outside() as outside:
            opened = await published_rooms(outside, rooms, capacity=max(1, messages // rooms // 2))
        requests = join_requests(outside, opened, messages)
        await drained(stack)
        named = {f"membership {number}": each for number, each in enumerate(others, start=2)}
        watch = await Watch.begin(replace(stack, services={**stack.services, **named}))
        async with open_channel(stack.outside_url) as channel:
            run = await measure(
                channel, exchange=COMMANDS, messages=requests, events=f"outside.{OUTSIDE}", progress=progress
            )
        await drained(stack)
        return ShardResult(shards, instances, run, await watch.costs(messages))


def as_json(rounds: Sequence[Sequence[ShardResult]]) -> dict[str, Any]:
    """Return the figures as JSON values."""
    return {
        "shards": [
            {"spread": each.name, "rate": each.run.rate, "cpu_seconds": each.costs.cpu_seconds}
            for found in rounds
            for each in found
        ]
    }


def show(rounds: Sequence[Sequence[ShardResult]], console: Console) -> None:
    """Print CPU seconds for 1,000 requests, a line for each round and spread."""
    processes = sorted({name for found in rounds for each in found for name in each.costs.cpu_seconds})
    table = Table("CPU seconds for 1,000 requests", *processes, "requests/s")
    for found in rounds:
        for each in found:
            spent = [f"{each.costs.cpu_seconds.get(name, 0.0):.2f}" for name in processes]
            table.add_row(each.name, *spent, f"{each.run.rate:.0f}")
    console.print(table)
