"""What the services gave up, as an operator sees it."""

from collections.abc import Mapping
from typing import Any

from tests.support.eventually import eventually
from tests.support.stack.running import Stack

from practio_operator.dead_letters.queues import dead_letters


async def dead_letter(stack: Stack, identity: str, *, within: float = 20.0) -> Mapping[str, Any]:
    """Wait until a message is among the dead letters; gives its queue, reason and detail."""

    async def found() -> Mapping[str, Any]:
        async with dead_letters(stack.target) as letters:
            for letter in letters:
                if letter.id == identity:
                    return {"queue": letter.queue, "reason": letter.reason, "detail": letter.detail}
        return {}

    return await eventually(found, within=within, saying=f"{identity} among the dead letters", pause=0.2)


async def is_dead(stack: Stack, identity: str) -> bool:
    """Say whether a message is among the dead letters now."""
    async with dead_letters(stack.target) as letters:
        return any(letter.id == identity for letter in letters)
