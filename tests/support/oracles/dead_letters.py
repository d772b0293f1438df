"""The dead letters, as an operator sees them."""

from collections.abc import Mapping
from typing import Any

from tests.support.eventually import eventually
from tests.support.stack.running import Stack

from practio_operator.dead_letters.queues import dead_letters


async def dead_letter(stack: Stack, identity: str, *, within: float = 20.0) -> Mapping[str, Any]:
    """Wait until a message is among the dead letters; return its queue, reason and detail."""

    async def found() -> Mapping[str, Any]:
        async with dead_letters(stack.target) as letters:
            async for letter in letters:
                if letter.id == identity:
                    return {"queue": letter.queue, "reason": letter.reason, "detail": letter.detail}
        return {}

    return await eventually(found, within=within, message=f"{identity} among the dead letters", pause=0.2)


async def is_dead(stack: Stack, identity: str) -> bool:
    """Return whether a message is among the dead letters now."""
    async with dead_letters(stack.target) as letters:
        return identity in {letter.id async for letter in letters}
