"""Thousands of dead letters are read in chunks: few are in memory, none is lost, and their order stays."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial

import aio_pika
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractExchange
from aiormq.abc import AbstractChannel as UnderlayChannel
from tests.support.eventually import eventually

from practio_chassis.broker.queue_names import commands_queue, dead_queue
from practio_operator.dead_letters import queues
from practio_operator.dead_letters.putting_back import putting_back
from practio_operator.dead_letters.queues import CHUNK, QUEUES, AllDeadLetters, dead_letters
from practio_operator.provisioning.target import ProvisionTarget

QUEUE = commands_queue("rooms")
OTHER = commands_queue("notifications")
IN_MEMORY = 2 * CHUNK + 4
"""The chunk in hand, the next one, and what was read to know that a queue has processed what was sent."""


@pytest.fixture
def target(target: ProvisionTarget) -> ProvisionTarget:
    """Return the target as an operator names it: the URL has the vhost too."""
    return replace(target, broker_url=target.broker_as(*target.administrator))


@pytest_asyncio.fixture
async def default_exchange(target: ProvisionTarget) -> AsyncIterator[AbstractExchange]:
    """Yield the administrator's default exchange; all dead-letter queues are empty before and after.

    So are the queues of messages: queries that nobody answers become dead letters after a minute.
    """
    async with await aio_pika.connect(target.broker_url, timeout=10) as connection:
        channel = await connection.channel()
        queues = [await channel.get_queue(name, ensure=False) for name in (*QUEUES, *map(dead_queue, QUEUES))]
        for queue in queues:
            await queue.purge()
        yield channel.default_exchange
        for queue in queues:
            await queue.purge()


async def die(exchange: AbstractExchange, queue: str, names: Sequence[str]) -> None:
    """Lay messages with these ids into a dead-letter queue."""
    for start in range(0, len(names), 1_000):
        messages = [aio_pika.Message(b"{}", message_id=name, delivery_mode=2) for name in names[start : start + 1_000]]
        await asyncio.gather(*(exchange.publish(message, dead_queue(queue)) for message in messages))


def messages_in_memory() -> int:
    return sum(type(each) is aio_pika.IncomingMessage for each in gc.get_objects())


async def waiting(channel: UnderlayChannel, queue: str) -> int:
    return (await channel.queue_declare(queue, passive=True)).message_count or 0


async def ids_of(target: ProvisionTarget) -> list[str]:
    async with dead_letters(target) as found:
        return [letter.id async for letter in found]


def numbered(count: int) -> list[str]:
    return [f"{number:05}" for number in range(count)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("count", [600, pytest.param(10_000, marks=pytest.mark.thorough)])
async def test_a_few_of_many_dead_letters_are_in_memory_at_once(
    target: ProvisionTarget, default_exchange: AbstractExchange, count: int
) -> None:
    names = numbered(count)
    await die(default_exchange, QUEUE, names)
    gc.collect()
    most, read = 0, []
    async with dead_letters(target) as found:
        assert await found.count() == count
        async for chunk in found.chunks():
            read += [letter.id for letter in chunk]
            if len(read) % (count // 20) < CHUNK:
                most = max(most, messages_in_memory())
    assert read == names
    assert 0 < most <= IN_MEMORY
    assert await ids_of(target) == names


async def test_dead_letters_that_a_service_holds_for_a_moment_are_found(
    target: ProvisionTarget, default_exchange: AbstractExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    await die(default_exchange, QUEUE, ["held"])
    async with await aio_pika.connect(target.broker_url, timeout=10) as connection:
        channel = await connection.channel()
        held = await (await channel.get_queue(dead_queue(QUEUE), ensure=False)).get()
        assert held is not None

        async def give_back() -> None:
            """Return the dead letter, and wait until its queue has it: a quorum queue does so a moment later."""
            await held.nack(requeue=True)
            underlay = await channel.get_underlay_channel()
            await eventually(partial(waiting, underlay, dead_queue(QUEUE)), message="the dead letter is not back")

        monkeypatch.setattr(queues, "let_services_look", give_back)
        assert await ids_of(target) == ["held"]


async def test_what_is_not_chosen_stays_in_its_order(
    target: ProvisionTarget, default_exchange: AbstractExchange
) -> None:
    names = numbered(5 * CHUNK + 3)
    await die(default_exchange, QUEUE, names)
    await die(default_exchange, OTHER, ["other"])
    chosen = set(names[::3])
    seen = []
    async with dead_letters(target) as found:
        async for chunk in found.chunks():
            seen += [letter.id for letter in chunk]
            await found.drop([letter for letter in chunk if letter.id in chosen])
    assert seen == [*names, "other"]
    assert await ids_of(target) == [*(name for name in names if name not in chosen), "other"]


async def test_an_interrupted_run_loses_nothing(target: ProvisionTarget, default_exchange: AbstractExchange) -> None:
    names = numbered(5 * CHUNK)
    await die(default_exchange, QUEUE, names)

    async def dropped_until_interrupted(found: AllDeadLetters) -> None:
        dropped = 0
        async for chunk in found.chunks():
            if dropped == 2 * CHUNK:
                raise KeyError("interrupted")
            await found.drop(chunk)
            dropped += len(chunk)

    with pytest.raises(KeyError, match="interrupted"):
        async with dead_letters(target) as found:
            await dropped_until_interrupted(found)
    assert await ids_of(target) == names[2 * CHUNK :]


async def test_what_dies_again_meanwhile_does_not_come_round_for_ever(
    target: ProvisionTarget, default_exchange: AbstractExchange
) -> None:
    names = numbered(2 * CHUNK + 1)
    await die(default_exchange, QUEUE, names)
    put_back_ids = []
    async with dead_letters(target) as found, putting_back(target, found) as put_back:
        async for chunk in found.chunks():
            await put_back(chunk)
            put_back_ids += [letter.id for letter in chunk]
            await die(default_exchange, QUEUE, [letter.id for letter in chunk])
    assert put_back_ids == names
    assert await ids_of(target) == names
