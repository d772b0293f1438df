"""The dead letters of a hook, posted once more, oldest first; what is not taken stays where it is."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from practio_chassis.broker.queue_names import dead_queue
from practio_contracts.connection import channels
from practio_gateway.hooks.dead_letters import DETAIL, REASON, queue_of
from practio_gateway.hooks.delivering import Deliverer
from practio_gateway.hooks.event import EventHead, head_of
from practio_gateway.hooks.hook import Hook
from practio_gateway.hooks.posting import Poster, Taken

MOST_FAILURES = 100
"""After this many that fail, the receiver is not ready, and the rest is left for another time."""

_GONE, _UNREADABLE = "gone", "unreadable"
_NO_HEAD = EventHead("unknown", "", "", "unknown")


@dataclass(frozen=True, slots=True)
class Replayed:
    """A dead letter, and whether it was taken; ``reason`` is why not, or why it died if nothing was sent."""

    head: EventHead
    taken: bool
    reason: str


async def replay(hook: Hook, *, trial: bool) -> AsyncIterator[Replayed]:
    """Post each dead letter once, with the ``webhook-id`` that it had; ``trial`` only lists them.

    One that cannot be read is not posted. A receiver that wants no more events gets no more.

    Raise UnreachableError without a broker, and the broker's error if the account has no dead letters.
    """
    poster = Poster(hook)
    deliverer = Deliverer(hook, poster)
    failures = 0
    try:
        async with aclosing(channels(hook.broker_url)) as found:
            channel = await anext(found)
            async for message in _dead_letters(channel, hook):
                replayed = await _replayed(deliverer, message, trial=trial)
                yield replayed
                failures += not replayed.taken and not trial and replayed.reason != _UNREADABLE
                if failures >= MOST_FAILURES or replayed.reason == _GONE:
                    return
    finally:
        await poster.close()


async def _dead_letters(channel: AbstractChannel, hook: Hook) -> AsyncIterator[AbstractIncomingMessage]:
    """Yield the dead letters that are there now; closing the channel returns those that were not acknowledged."""
    queue = await channel.get_queue(dead_queue(queue_of(hook.broker_url)), ensure=False)
    message = await queue.get(fail=False)
    left = 0 if message is None else message.message_count or 0
    while message is not None:
        yield message
        message = await queue.get(fail=False) if left else None
        left -= 1


async def _replayed(deliverer: Deliverer, message: AbstractIncomingMessage, *, trial: bool) -> Replayed:
    head = head_of(message.body)
    if trial:
        return Replayed(
            head or _NO_HEAD, taken=False, reason=f"{message.headers.get(REASON)!s}: {message.headers.get(DETAIL)!s}"
        )
    if head is None:
        return Replayed(_NO_HEAD, taken=False, reason=_UNREADABLE)
    outcome = await deliverer.attempt(message.body, head)
    if outcome is Taken.DELIVERED:
        await message.ack()
        return Replayed(head, taken=True, reason="")
    return Replayed(head, taken=False, reason=_GONE if isinstance(outcome, Taken) else outcome.reason)
