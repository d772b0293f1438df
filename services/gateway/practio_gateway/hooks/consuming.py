"""The queue of a hook's account, read for as long as the process runs; nothing leaves it before it is delivered."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from time import monotonic

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from practio_chassis.broker.queue_names import dead_queue
from practio_chassis.process.stopping import unless
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.broker_errors import LOST, in_flight
from practio_contracts.connection import FORBIDDEN, UnreachableError, channels
from practio_gateway.hooks.dead_letters import account_in, queue_of
from practio_gateway.hooks.delivering import Deliverer
from practio_gateway.hooks.event import head_of
from practio_gateway.hooks.hook import Hook
from practio_gateway.hooks.lanes import Lanes
from practio_gateway.hooks.pauses import pause_after
from practio_gateway.hooks.posting import Poster

_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 60.0
"""The longest pause after something that nobody expected; the first is a second."""

_FINISH_SECONDS = 30.0
_log = logger(__name__)


class _NotAloneError(Exception):
    """Another process reads the queue."""


class RunningHook:
    """Reads the queue of one hook, and posts what is in it."""

    def __init__(self, hook: Hook) -> None:
        self.hook = hook
        self.fault = "not connected yet"
        self._poster = Poster(hook)
        self._deliverer = Deliverer(hook, self._poster)

    async def run(self) -> None:
        """Deliver events until ``stop``, or until the receiver wants no more; connect again whatever happens."""
        failures = 0
        try:
            while not self._deliverer.stopping.is_set():
                began, pause = monotonic(), _PAUSE_SECONDS
                try:
                    await self._read_until_lost()
                except Exception as error:  # whatever it is, it must not end the hook
                    failures = failures + 1 if monotonic() - began < _LONGEST_PAUSE_SECONDS else 1
                    pause = pause_after(failures, longest=_LONGEST_PAUSE_SECONDS, chance=random.random())
                    self.fault = "it failed unexpectedly: its log has the reason"
                    _log.error("a hook failed: it goes on", hook=self.hook.name, **failure(error))
                await self._pause(pause)
        finally:
            self.fault = "its receiver wants no more events (410)" if self._deliverer.gone.is_set() else "stopped"
            await self._poster.close()

    def stop(self) -> None:
        """Begin no other try; ``run`` ends once those in progress are done."""
        self._deliverer.stopping.set()

    async def _read_until_lost(self) -> None:
        """Read the queue on one channel after the other, until the broker cannot be reached or the hook stops."""
        stopping = self._deliverer.stopping
        with suppress(*LOST, UnreachableError), in_flight():
            async with aclosing(channels(self.hook.broker_url)) as found:
                while channel := await unless(stopping, anext(found)):
                    await self._read(channel)
        if not stopping.is_set():
            self.fault = self.fault or "the broker cannot be reached"
            _log.warning("not connected", hook=self.hook.name, fault=self.fault)

    async def _read(self, channel: AbstractChannel) -> None:
        """Deliver what arrives on a channel, until it is lost or the hook stops."""
        lanes = Lanes[AbstractIncomingMessage](lambda message: self._deliver(channel, message))

        async def take(message: AbstractIncomingMessage) -> None:
            head = head_of(message.body)
            lanes.add(head.subject if head else "", message)

        try:
            with in_flight():
                over = await _end_of(channel)
                await self._consume(channel, take)
            lanes.start()
            self.fault = ""
            _log.info("reading", hook=self.hook.name)
            await unless(self._deliverer.stopping, over.wait())
            self.fault = "the connection was lost"  # until the queue is read again
        except (*FORBIDDEN, _NotAloneError) as error:
            self.fault = _refused(self.hook, error)
            _log.error("the queue is not read", hook=self.hook.name, fault=self.fault)
            with suppress(*LOST), in_flight():
                await channel.close()  # another process that reads it is to see no reader here meanwhile
            await self._pause(_PAUSE_SECONDS * random.uniform(0.5, 1.0))
        except LOST as error:
            self.fault = "the connection was lost"
            _log.warning("lost the queue", hook=self.hook.name, **failure(error))
        finally:
            await lanes.finish(within=_FINISH_SECONDS if self._deliverer.stopping.is_set() else 0)
            with suppress(*LOST), in_flight():
                await channel.close()

    async def _consume(
        self, channel: AbstractChannel, take: Callable[[AbstractIncomingMessage], Awaitable[None]]
    ) -> None:
        """Read the queue, alone: while another process does, order would be lost; it is looked for twice.

        Quorum queues do not enforce an exclusive consumer. Of two that begin at once, at least one sees the other.
        """
        name = queue_of(self.hook.broker_url)
        await channel.get_queue(dead_queue(name))  # it must be there before the first event has to go there
        await channel.set_qos(prefetch_count=self.hook.in_hand)
        if await _readers(channel, name):
            raise _NotAloneError
        await (await channel.get_queue(name, ensure=False)).consume(take)
        if await _readers(channel, name) > 1:
            raise _NotAloneError

    async def _deliver(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
        if channel.is_closed:  # what was before it may not have been delivered
            return
        try:
            await self._deliverer.deliver(channel, message)
        except LOST as error:
            _log.warning("it stays in the queue", hook=self.hook.name, **failure(error))
            with suppress(*LOST), in_flight():
                await channel.close()
        except Exception as error:  # a bug: read again, the event is tried again, and in its turn
            _log.error("it stays in the queue, which is read again", hook=self.hook.name, **failure(error))
            with suppress(*LOST), in_flight():
                await channel.close()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._deliverer.stopping.wait()


async def _end_of(channel: AbstractChannel) -> asyncio.Event:
    """Return what is set once a channel is closed, or its consumer cancelled, as by the deletion of the queue."""
    over = asyncio.Event()

    def end(*_: object) -> None:
        over.set()

    channel.close_callbacks.add(end)
    (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(end)
    return over


async def _readers(channel: AbstractChannel, name: str) -> int:
    found = await channel.declare_queue(name, passive=True)
    return found.declaration_result.consumer_count or 0


def _refused(hook: Hook, error: BaseException) -> str:
    if isinstance(error, _NotAloneError):
        return "another process reads the queue"
    account = account_in(hook.broker_url)
    return f"the account has no queue, or none of dead letters: run practio publisher add {account} … --hooks"
