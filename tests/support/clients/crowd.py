"""A crowd that speaks at once: over two connections, in no order, some say the same thing up to three times."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.support.clients.commands import Data
from tests.support.clients.outside import COMMANDS, Outside
from tests.support.clients.raw_publisher import Voice
from tests.support.eventually import eventually


@dataclass(frozen=True)
class Saying:
    """A command as it is said: how often, and over which of the two connections."""

    event: Data
    times: int = 1
    aside: bool = False


@dataclass(frozen=True)
class Crowd:
    """An account on two connections: ``outside`` hears answers, ``aside`` hears nothing."""

    outside: Outside
    aside: Voice

    async def says(self, sayings: Sequence[Saying], *, amid: Callable[[], Awaitable[None]] | None = None) -> None:
        """Publish everything without waiting for answers, ``amid`` it do that, and then see that all are answered.

        What has no answer, since nobody heard it or the answer was lost on its way, is said again with its id.
        """
        said = asyncio.gather(*(self._publish(each) for each in sayings for _ in range(each.times)))
        if amid:
            await amid()
        await said
        await self.are_answered([each.event for each in sayings])

    async def are_answered(self, events: Sequence[Data]) -> None:
        """Wait until each command is answered."""
        waiting = {each["id"]: each for each in events if not self.outside.answers.get(each["id"])}
        await asyncio.gather(*(self.outside.answer_to(each, exchange=COMMANDS) for each in waiting.values()))

    async def says_again(self, events: Sequence[Data]) -> None:
        """Say again, all at once, what was answered long ago, and wait until it is answered again."""
        await asyncio.gather(*(self.outside.answer_to(each, exchange=COMMANDS) for each in events))

    async def has_answers(self, sayings: Sequence[Saying], count: int) -> None:
        """Wait until so many of these wishes are answered, or as many as can be over this connection."""
        received = {each.event["id"] for each in sayings if not each.aside}
        wanted = min(count, len(received))
        await eventually(
            lambda: sum(bool(self.outside.answers.get(each)) for each in received) >= wanted,
            saying=f"{wanted} answers",
            pause=0.002,
        )

    async def _publish(self, saying: Saying) -> None:
        await (self.aside if saying.aside else self.outside).publish(COMMANDS, saying.event)
