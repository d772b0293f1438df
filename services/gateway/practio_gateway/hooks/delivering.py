"""An event on its way to a receiver: tried until it is taken, or the patience of its hook is over."""

import asyncio
import random
from collections import OrderedDict
from datetime import UTC, datetime
from time import monotonic

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from practio_chassis.telemetry.log import failure, logger
from practio_gateway.hooks.counting import DELIVERIES
from practio_gateway.hooks.dead_letters import account_in, bury
from practio_gateway.hooks.event import EventHead, head_of
from practio_gateway.hooks.hook import Hook
from practio_gateway.hooks.pauses import is_over, pause_after
from practio_gateway.hooks.posting import Failed, Poster, Taken
from practio_gateway.hooks.signing import signed_headers

_MOST_TRIALS = 10_000
_log = logger(__name__)


class Deliverer:
    """Delivers the events of one hook; ``stopping`` ends pauses, ``gone`` says that the receiver wants no more."""

    def __init__(self, hook: Hook, poster: Poster) -> None:
        self.stopping, self.gone = asyncio.Event(), asyncio.Event()
        self._hook, self._poster = hook, poster
        self._at_once = asyncio.Semaphore(hook.at_once)
        self._trials: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    async def deliver(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
        """Deliver an event, or make it a dead letter; one that is neither stays in its queue."""
        head = head_of(message.body)
        if head is None:
            await self._bury(channel, message, Failed("unreadable", "it is not an event in structured mode"), tries=0)
            return
        while not self.stopping.is_set():
            match await self._attempt_in_turn(message.body, head):
                case None:
                    return
                case Taken.DELIVERED:
                    self._trials.pop((head.source, head.id), None)
                    await message.ack()
                    return
                case Taken.GONE:
                    self._end()
                case Failed() as failed:
                    await self._wait_or_bury(channel, message, head, failed)
                    if message.processed:
                        return

    async def attempt(self, body: bytes, head: EventHead) -> Taken | Failed:
        """Post an event once, signed at this instant, with the same ``webhook-id`` each time.

        Whatever goes wrong with a try makes it one that failed: the events behind it wait for its end.
        """
        try:
            headers = signed_headers(body, id=head.id, secrets=self._hook.secrets, now=datetime.now(UTC))
            outcome = await self._poster.post(body, headers)
        except Exception as error:  # whatever it is: unacknowledged, the event would stick
            _log.error("a try failed unexpectedly", hook=self._hook.name, id=head.id, **failure(error))
            outcome = Failed("unexpected", f"the gateway failed ({type(error).__name__})")
        DELIVERIES.labels("failed" if isinstance(outcome, Failed) else outcome.name.lower()).inc()
        return outcome

    async def _attempt_in_turn(self, body: bytes, head: EventHead) -> Taken | Failed | None:
        """Post an event once few enough others are being posted; None if the hook stops meanwhile."""
        async with self._at_once:
            return None if self.stopping.is_set() else await self.attempt(body, head)

    async def _wait_or_bury(
        self, channel: AbstractChannel, message: AbstractIncomingMessage, head: EventHead, failed: Failed
    ) -> None:
        since, tries = self._trial(head)
        pause = pause_after(tries, longest=self._hook.longest_pause, chance=random.random(), wait=failed.wait)
        _log.warning(
            "not delivered", hook=self._hook.name, id=head.id, type=head.type, tries=tries, reason=failed.reason
        )
        if is_over(since=since, now=monotonic(), pause=pause, patience=self._hook.patience):
            await self._bury(channel, message, failed, tries=tries)
            self._trials.pop((head.source, head.id), None)
            return
        try:
            async with asyncio.timeout(pause):
                await self.stopping.wait()
        except TimeoutError:
            return

    def _trial(self, head: EventHead) -> tuple[float, int]:
        """Count a try; remembered when the broker delivers the event again, after a connection was lost."""
        key = head.source, head.id
        since, tries = self._trials.get(key, (monotonic(), 0))
        self._trials[key] = since, tries + 1
        while len(self._trials) > _MOST_TRIALS:
            self._trials.popitem(last=False)
        return self._trials[key]

    async def _bury(
        self, channel: AbstractChannel, message: AbstractIncomingMessage, failed: Failed, *, tries: int
    ) -> None:
        account = account_in(self._hook.broker_url)
        await bury(channel, message, account=account, reason=failed.reason, detail=failed.detail, tries=tries)
        DELIVERIES.labels("dead").inc()
        _log.error("dead letter", hook=self._hook.name, reason=failed.reason, tries=tries)

    def _end(self) -> None:
        if not self.gone.is_set():
            _log.error(
                "hook disabled: its receiver answered 410 and wants no more events; they stay in the queue for 7 days. "
                "Start again to try it once more, or remove the hook",
                hook=self._hook.name,
            )
        self.gone.set()
        self.stopping.set()
