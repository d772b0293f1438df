"""RabbitMQ's alarms of memory and disk: as long as one is raised, it reads nothing from connections that publish."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.eventually import eventually
from tests.support.faults.rabbitmqctl import evaluate, rabbitmqctl
from tests.support.stack.running import RunningStack


@asynccontextmanager
async def memory_alarm(stack: RunningStack) -> AsyncIterator[None]:
    """Raise the alarm of memory for as long as the block runs."""
    before = await evaluate(stack.servers, "vm_memory_monitor:get_vm_memory_high_watermark()")
    await rabbitmqctl(stack.servers, "set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        await eventually(lambda: is_alarmed(stack), within=60, message="the broker raises the alarm")
        yield
    finally:
        await rabbitmqctl(stack.servers, "set_vm_memory_high_watermark", before)


@asynccontextmanager
async def disk_alarm(stack: RunningStack) -> AsyncIterator[None]:
    """Raise the alarm of the disk for as long as the block runs."""
    before = await evaluate(stack.servers, "rabbit_disk_monitor:get_disk_free_limit()")
    await rabbitmqctl(stack.servers, "set_disk_free_limit", "1000000GB")
    try:
        await eventually(lambda: is_alarmed(stack), within=60, message="the broker raises the alarm")
        yield
    finally:
        await rabbitmqctl(stack.servers, "set_disk_free_limit", before)


async def is_alarmed(stack: RunningStack) -> bool:
    """Return whether the broker has an alarm."""
    return await evaluate(stack.servers, "rabbit_alarm:get_alarms()") != "[]"
