"""The dead letters, as an operator sees them."""

from collections.abc import Mapping
from typing import Any

from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

from practio_operator.dead_letters.queues import dead_letters


async def dead_letter(
    stack: RunningStack, identity: str, *, other_than: Mapping[str, Any] | None = None, within: float = 20.0
) -> Mapping[str, Any]:
    """Wait until a message is among the dead letters; return its queue, reason, detail and the time of its death.

    With ``other_than``, a former result, wait until it was dead-lettered once more: at another time.
    """
    former = other_than["died_at"] if other_than else None

    async def found() -> Mapping[str, Any]:
        async with dead_letters(stack.target) as letters:
            async for letter in letters:
                if letter.id == identity and letter.died_at != former:
                    return {
                        "queue": letter.queue,
                        "reason": letter.reason,
                        "detail": letter.detail,
                        "died_at": letter.died_at,
                    }
        return {}

    return await eventually(found, within=within, message=f"{identity} among the dead letters", pause=0.2)


async def is_dead(stack: RunningStack, identity: str) -> bool:
    """Return whether a message is among the dead letters now."""
    async with dead_letters(stack.target) as letters:
        return identity in {letter.id async for letter in letters}
