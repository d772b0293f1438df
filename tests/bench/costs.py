"""What a load costs beside time: CPU seconds of each process, and messages a transaction of each queue.

CPU seconds say more than rates on a machine that other work shares: neighbours slow a process down without making it do
more.
"""

from collections import defaultdict
from dataclasses import dataclass

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families
from tests.support.stack.running import RunningStack

from practio_operator.execution.http import NO_AUTHORITIES

_SERVERS = {"postgres": "PostgreSQL", "beam.smp": "RabbitMQ"}
"""The servers by the names of their processes; in containers they are not among this process' children."""

_BATCHES = "practio_batch_messages"


@dataclass(frozen=True)
class Costs:
    """CPU seconds for 1,000 messages by process, and messages a transaction by queue."""

    cpu_seconds: dict[str, float]
    messages_a_transaction: dict[str, float]


@dataclass(frozen=True)
class Watch:
    """The running counts when a load began."""

    stack: RunningStack
    cpu: dict[str, float]
    batches: dict[str, tuple[float, float]]

    @classmethod
    async def begin(cls, stack: RunningStack) -> "Watch":
        """Return the counts now."""
        return cls(stack, _cpu(stack), await _batches(stack))

    async def costs(self, messages: int) -> Costs:
        """Return the costs since then of a load of so many messages."""
        cpu = _cpu(self.stack)
        spent = {name: (cpu[name] - before) * 1000 / messages for name, before in self.cpu.items()}
        batches = {}
        for queue, (count, total) in (await _batches(self.stack)).items():
            count_before, total_before = self.batches.get(queue, (0.0, 0.0))
            if count > count_before:
                batches[queue] = (total - total_before) / (count - count_before)
        return Costs(spent, batches)


def _cpu(stack: RunningStack) -> dict[str, float]:
    """Return the CPU seconds so far of the services and of servers that this process started."""
    names = {each.process.pid: name for name, each in stack.services.items()}
    seconds: dict[str, float] = defaultdict(float)
    for process in psutil.Process().children(recursive=True):
        try:
            name = names.get(process.pid) or _SERVERS.get(process.name())
            if name:
                seconds[name] += sum(process.cpu_times()[:4])  # with those of children that have ended
        except psutil.NoSuchProcess:
            continue
    return dict(seconds)


async def _batches(stack: RunningStack) -> dict[str, tuple[float, float]]:
    """Return how many transactions, with how many messages, each queue has had so far."""
    found: dict[str, tuple[float, float]] = {}
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=30) as client:
        for service in stack.services.values():
            page = (await client.get(f"{service.url}/metrics")).text
            for family in text_string_to_metric_families(page):
                if family.name == _BATCHES:
                    values = {(each.name, each.labels.get("queue")): each.value for each in family.samples}
                    for name, queue in values:
                        if name == f"{_BATCHES}_count" and queue:
                            found[queue] = values[name, queue], values[f"{_BATCHES}_sum", queue]
    return found
