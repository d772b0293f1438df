"""Many commands at once: over two connections, in no order, some of them up to three times."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.support.clients.commands import Data
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.clients.raw_publisher import RawPublisher
from tests.support.eventually import eventually


@dataclass(frozen=True)
class PlannedCommand:
    """A command to publish: how often, and over which of the two connections."""

    event: Data
    times: int = 1
    second: bool = False


@dataclass(frozen=True)
class ParallelPublisher:
    """An account on two connections: ``outside`` receives answers, ``second`` receives nothing."""

    outside: OutsideSystem
    second: RawPublisher

    async def publish_all(
        self, commands: Sequence[PlannedCommand], *, meanwhile: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Publish everything without waiting for answers, do ``meanwhile``, and then wait until all are answered.

        A command without an answer, or whose answer was lost, is published again with its id.
        """
        publishing = asyncio.gather(*(self._publish(each) for each in commands for _ in range(each.times)))
        if meanwhile:
            await meanwhile()
        await publishing
        await self.all_are_answered([each.event for each in commands])

    async def all_are_answered(self, events: Sequence[Data]) -> None:
        """Wait until each command is answered."""
        waiting = {each["id"]: each for each in events if not self.outside.answers.get(each["id"])}
        await asyncio.gather(*(self.outside.answer_to(each, exchange=COMMANDS) for each in waiting.values()))

    async def publish_again(self, events: Sequence[Data]) -> None:
        """Publish commands again, all at once, that were answered long ago, and wait until they are answered again."""
        await asyncio.gather(*(self.outside.answer_to(each, exchange=COMMANDS) for each in events))

    async def some_are_answered(self, commands: Sequence[PlannedCommand], count: int) -> None:
        """Wait until so many of these commands are answered, or as many as can be over this connection."""
        received = {each.event["id"] for each in commands if not each.second}
        wanted = min(count, len(received))
        await eventually(
            lambda: sum(bool(self.outside.answers.get(each)) for each in received) >= wanted,
            message=f"{wanted} answers",
            pause=0.002,
        )

    async def _publish(self, each: PlannedCommand) -> None:
        await (self.second if each.second else self.outside).publish(COMMANDS, each.event)
