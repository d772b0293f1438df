"""Large messages: they are dead-lettered with the reason, and take no service beyond its memory in production."""

import json
from pathlib import Path

import aio_pika
import pytest
from tests.support.clients.actions import a_published_room, accepted, asks
from tests.support.clients.commands import new_id
from tests.support.clients.outside import COMMANDS, DIRECTORY, OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_chassis.broker.queue_names import commands_queue, dead_queue, events_queue

pytestmark = pytest.mark.thorough

MIB = 1024 * 1024
COUNT = 250
"""More than a service has in hand of one queue."""

MOST_RESIDENT = 448 * MIB
"""Bytes, an eighth below the limit of 512 MiB in compose.production.yaml. Measured: 390 to 407 MiB."""

DEAD = [dead_queue(queue("notifications")) for queue in (commands_queue, events_queue)]


async def test_no_number_of_large_messages_takes_a_service_beyond_its_memory(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    service = stack.services["notifications"]
    service.process.stop()
    for _ in range(COUNT):
        await large(outside, COMMANDS, "notifications.set-preferences.v1")
        await large(outside, DIRECTORY, "people.person-changed.v1")

    await service.start()

    async with await aio_pika.connect(stack.target.broker_as(*stack.target.administrator)) as connection:
        channel = await connection.channel()

        async def counts() -> list[int | None]:
            dead = [await channel.declare_queue(name, passive=True) for name in DEAD]
            return [each.declaration_result.message_count for each in dead]

        async def all_dead() -> bool:
            return await counts() == [COUNT, COUNT]

        await eventually(all_dead, within=120, message=f"{COUNT} dead letters of each queue")
        for name in DEAD:
            dead = await channel.get_queue(name)
            letter = await dead.get()
            assert letter is not None
            assert letter.headers["practio-reason"] == "unreadable"
            await letter.reject(requeue=True)
            await dead.purge()
    resident = peak(service.process.pid)
    print(f"at most {resident / MIB:.0f} MiB")
    assert resident < MOST_RESIDENT
    room = await a_published_room(outside, policy="open")
    assert (await accepted(asks(outside, room, new_id())))["status"] == "joined"


async def large(outside: OutsideSystem, exchange: str, key: str) -> None:
    identity = new_id()
    event = outside.envelope(key, {}, actor=new_id()) | {"id": identity, "padding": ""}
    padding = MAX_MESSAGE_BYTES - len(json.dumps(event))
    await outside.publish_raw(exchange, key, json.dumps(event | {"padding": "x" * padding}).encode(), id=identity)


def peak(pid: int) -> int:
    """Return the most memory that a process had at once, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [each for each in status.splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
