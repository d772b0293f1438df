"""A campaign of fuzzed messages: chunk after chunk at full speed, and after each everything must answer."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aio_pika
from rich.table import Table
from tests.campaign import outcomes
from tests.campaign.fuzz_connection import FuzzConnection, dead_letters_taken
from tests.campaign.fuzzed_message import ACCOUNT, Fuzzed
from tests.campaign.mutations import Known, fuzzed
from tests.campaign.outcomes import FuzzOutcomes
from tests.campaign.probes import Prober
from tests.campaign.processes import resident
from tests.campaign.stage import Stage, staged
from tests.support.clients.actions import a_published_room
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.raw_publisher import BROKEN
from tests.support.eventually import eventually

from practio_chassis.broker.policies import RETRY_DELAYS
from practio_chassis.broker.queue_names import retry_queue
from practio_operator.dead_letters.queues import QUEUES

GENERATION = 5_000
"""For so many messages the same rooms are known: fuzzed commands close and change them."""

IN_WORK = 1_000
"""So many messages may wait for their end at once: more would only lie in the queues, where queries expire."""

ROUND = 20
"""After so many messages what comes back is read, even if there is room for more."""

ROOMS_EACH = 4
MOST_SHOWN = 20
PEOPLE = tuple(str(uuid.uuid5(uuid.NAMESPACE_URL, f"practio-person-{number}")) for number in range(8))


@dataclass(frozen=True)
class FuzzOptions:
    """What the command line asks for; ``patience`` is in seconds without any progress."""

    seed: int
    messages: int
    first: int
    chunk: int
    patience: float
    goes_on: bool


@dataclass
class FuzzReport:
    """What came of it; ``findings`` are sentences, ``resident`` the most bytes of memory that each process had."""

    outcomes: FuzzOutcomes = field(default_factory=FuzzOutcomes)
    findings: list[str] = field(default_factory=list)
    resident: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    messages: int = 0


Announce = Callable[[str], None]


def known_at(seed: int, index: int) -> Known:
    """Return the ids that messages of this index may use."""
    return Known(hosts=_hosts(seed, index // GENERATION), people=PEOPLE)


def _hosts(seed: int, generation: int) -> dict[str, str]:
    """Return the rooms of a generation, each with its host."""
    rooms = (uuid.uuid5(uuid.NAMESPACE_URL, f"practio-room-{seed}-{generation}-{n}") for n in range(ROOMS_EACH))
    return {str(room): host for room, host in zip(rooms, PEOPLE, strict=False)}


async def run(wanted: FuzzOptions, folder: Path, report: FuzzReport, announce: Announce) -> None:
    """Fuzz, and fill in the ``report``; logs go into ``folder``."""
    announce("starting servers and services")
    async with staged(folder, copies=1) as stage, _fuzzing(stage, wanted, report, announce) as fuzz:
        for first in range(wanted.first, wanted.first + wanted.messages, wanted.chunk):
            last = min(first + wanted.chunk, wanted.first + wanted.messages)
            await fuzz.run_chunk(range(first, last))
            if report.findings and not wanted.goes_on:
                break
        await fuzz.see_queues_drained()
        if report.outcomes.raised:
            report.findings += fuzz.raised()


@asynccontextmanager
async def _fuzzing(stage: Stage, wanted: FuzzOptions, report: FuzzReport, announce: Announce) -> AsyncIterator["_Fuzz"]:
    url = await stage.account(ACCOUNT, as_system=True)
    async with AsyncExitStack() as stack:
        prober = OutsideSystem(await stage.account("prober", as_system=True), "outside.prober")
        await stack.enter_async_context(prober)
        await stack.enter_async_context(dead_letters_taken(stage.target.broker_url, report.outcomes))
        connection, risky = (FuzzConnection(url, report.outcomes) for _ in range(2))
        for each in (connection, risky):
            await each.open()
            stack.push_async_callback(each.close)
        yield _Fuzz(stage, wanted, report, announce, prober, connection, risky)


@dataclass
class _Fuzz:
    stage: Stage
    wanted: FuzzOptions
    report: FuzzReport
    announce: Announce
    prober: OutsideSystem
    connection: FuzzConnection
    risky: FuzzConnection
    generations: set[int] = field(default_factory=set)
    closed: list[str] = field(default_factory=list)
    raised_before: int = 0

    async def run_chunk(self, indexes: range) -> None:
        """Publish the messages of these indexes, and see that each ends and everything answers."""
        for generation in range(indexes[0] // GENERATION, indexes[-1] // GENERATION + 1):
            await self._open_rooms(generation)
        begun = time.monotonic()
        published = await self._publish_chunk(indexes)
        await self._fewer_than(1)
        found = await self._blocked()
        self.report.seconds += time.monotonic() - begun
        self.report.messages += published
        owed = self.report.outcomes.close_chunk()
        if self.closed:
            found += sorted(self.closed, key=lambda each: "InvalidState" in each)[:1]
            self.closed, owed = [], []
            await self.connection.close()
            await self.connection.open()
        found += [
            f"{each.routing_key}, message {each.index}: no answer and no dead letter" for each in owed[:MOST_SHOWN]
        ]
        found += self.report.outcomes.nameless
        self.report.outcomes.nameless = []
        for what in list(self.report.outcomes.raised)[self.raised_before :]:
            self.announce(f"message {self.report.outcomes.raised[what]}: a handler raised, {what}")
        self.raised_before = len(self.report.outcomes.raised)
        self._measure()
        self.report.findings += [f"messages {indexes[0]} to {indexes[-1]}: {each}" for each in found]
        for each in found:
            self.announce(each)
        self._progress(indexes)

    async def _publish_chunk(self, indexes: range) -> int:
        """Publish what these indexes give, as fast as it comes to an end; return how many that were.

        That is all, unless nothing moves any more. What the broker may refuse goes beside the others, one by one.
        """
        published = 0
        async with asyncio.TaskGroup() as tasks:
            alone = asyncio.Lock()
            for index in indexes:
                if not await self._fewer_than(IN_WORK):
                    break
                message = fuzzed(self.wanted.seed, index, known_at(self.wanted.seed, index))
                self.report.outcomes.published(message)
                published += 1
                tasks.create_task(self._try(message, alone) if message.risky else self._publish(message))
                if published % ROUND == 0:
                    await asyncio.sleep(0)
        return published

    async def _publish(self, message: Fuzzed) -> None:
        try:
            await self.connection.publish(message)
        except BROKEN as error:
            self.closed.append(f"message {message.index}: {type(error).__name__} {error} on publishing")
            self.report.outcomes.refused_by_broker(message)

    async def _try(self, message: Fuzzed, alone: asyncio.Lock) -> None:
        async with alone:
            try:
                await self.risky.publish(message)
            except (*BROKEN, ValueError):
                self.report.outcomes.refused_by_broker(message)
                await self.risky.open()

    async def _fewer_than(self, most: int) -> bool:
        """Wait until fewer messages are owed anything; return False if nothing moves for as long as patience lasts."""
        outcomes = self.report.outcomes
        while (waiting := outcomes.waiting) >= most:
            try:
                await eventually(lambda before=waiting: outcomes.waiting < before, within=self.wanted.patience)  # type: ignore[misc]
            except AssertionError:
                return False
        return True

    async def _blocked(self) -> list[str]:
        found = []
        try:
            await Prober(self.prober).all_answer(within=self.wanted.patience, again=False)
        except AssertionError as error:
            found.append(f"blocked: {error}")
        await self.stage.unready()
        found += self.stage.exits
        self.stage.exits = []
        return found

    async def _open_rooms(self, generation: int) -> None:
        if generation in self.generations:
            return
        self.generations.add(generation)
        for number, (room_id, host) in enumerate(_hosts(self.wanted.seed, generation).items()):
            policy = ("open", "approval")[number % 2]
            await a_published_room(self.prober, room_id=room_id, host=host, capacity=3, policy=policy)
        for books in (self.prober.published, self.prober.confirmed, self.prober.answers, self.prober.events):
            books.clear()

    def _measure(self) -> None:
        for name, copy in self.stage.copies.items():
            self.report.resident[name] = max(self.report.resident.get(name, 0), resident(copy.process))

    def _progress(self, indexes: range) -> None:
        rate = self.report.messages / self.report.seconds
        memory = ", ".join(f"{name} {size / 2**20:.0f} MiB" for name, size in self.report.resident.items())
        self.announce(f"{self.report.messages:,} messages up to {indexes[-1]}, {rate:.0f} a second; at most {memory}")

    async def see_queues_drained(self) -> None:
        """Wait until no queue of the services holds anything."""
        queues = [
            *QUEUES,
            *(retry_queue(queue, tier) for queue in QUEUES if not queue.endswith(".queries") for tier in RETRY_DELAYS),
        ]
        async with await aio_pika.connect(self.stage.target.broker_url) as connection:
            channel = await connection.channel()

            async def left() -> list[str]:
                found = {queue: await channel.declare_queue(queue, passive=True) for queue in queues}
                return [name for name, queue in found.items() if queue.declaration_result.message_count]

            async def drained() -> bool:
                return not await left()

            try:
                await eventually(drained, within=self.wanted.patience, pause=0.5)
            except AssertionError:
                self.report.findings.append(f"not drained: {await left()}")

    def raised(self) -> list[str]:
        """Return which messages made a handler raise, with the first of each."""
        found = [f"message {index}: a handler raised, {what}" for what, index in self.report.outcomes.raised.items()]
        return found[:MOST_SHOWN] + ([f"{len(found)} kinds of raising in all"] if len(found) > MOST_SHOWN else [])


def table(report: FuzzReport) -> Table:
    """Return what became of the messages."""
    rate = report.messages / report.seconds if report.seconds else 0
    return outcomes.table(report.outcomes, f"{report.messages:,} fuzzed messages, {rate:.0f} a second")
