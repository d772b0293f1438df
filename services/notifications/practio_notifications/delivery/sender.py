"""The sender: claims letters that are due, sends them concurrently, and records the outcomes.

One loop, one transaction per turn: it records the outcomes that have come back and takes as many letters in hand as
there is room for (``letters/pace.py``). To decide about few letters costs nearly as much as about many, so while more
are due, a turn reserves the next ones too: they are decided, but not in hand. The next turn comes when half of the
letters in hand have left, and otherwise when all have, so connections never wait for a turn. An outcome waits a tenth
of a second, or half a one while more are due, unless many wait; a new letter waits for none.
While the mail server refuses all letters, a single one leaves from time to time. A letter that gets no connection soon
is not sent, since it may be outdated: it is given back, and the next claim decides about it again.
"""

import asyncio
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import cast

from email_validator import EmailNotValidError
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from practio_chassis.context import MessageContext
from practio_chassis.service import Running
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import span
from practio_notifications.delivery.claims import claim, renew, take
from practio_notifications.delivery.decisions import OutgoingLetter
from practio_notifications.delivery.mail import Brevity, Mail, NoPagesError, brevities, compose_at_once, compose_mail
from practio_notifications.delivery.outcomes import Returned, note
from practio_notifications.delivery.reserve import Reserve, ReservedLetter
from practio_notifications.delivery.settings import MailSettings
from practio_notifications.delivery.smtp import SmtpConnections
from practio_notifications.letters.abridging import MOST_SHOWN
from practio_notifications.letters.breaker import Breaker
from practio_notifications.letters.delivery import TOO_BIG, AttemptOutcome, DeliveryAttempt
from practio_notifications.letters.pace import Pace, is_turn
from practio_notifications.store.letters_in_hand import give_back, release

MAIL_RELAY_REFUSES = Gauge(
    "practio_mail_relay_refuses", "1 while the mail server refuses all letters, and they are held back"
)
_MAIL_RELAY = "mail relay"
_POLL_SECONDS = 1.0
_GRACE_SECONDS = 20.0
_OUTCOMES_WAIT_SECONDS = 0.1
_OUTCOMES_WAIT_FOR_MORE_SECONDS = 0.5
_LINE_WAIT_SECONDS = 2.0
"""A letter that waits longer, reserved or for a connection, is given back: what it says may no longer be true."""
_WRITERS = 2
"""Threads that write letters: a long one delays no other, and more would only contend for the interpreter."""

_log = logger(__name__)


class Sender:
    """Sends letters over as many connections as the settings allow; several senders share the work without conflicts.

    ``bell`` signals that there may be work; without it the sender looks every second.
    """

    def __init__(self, running: Running, bell: asyncio.Event) -> None:
        self._running = running
        self._settings: MailSettings = running.settings
        self._links = self._settings.links
        self._bell = bell
        self._connections = SmtpConnections(self._settings)
        self._breaker = Breaker(pause=self._settings.mail_probe_every)
        self._free_connections = asyncio.Semaphore(self._settings.mail_connections)
        self._lease = timedelta(seconds=self._settings.mail_lease)
        self._asks = self._settings.mail_replies is not None
        self._renewed_at = datetime.min.replace(tzinfo=UTC)
        self._in_hand: dict[asyncio.Task[DeliveryAttempt | None], OutgoingLetter] = {}
        self._waiting: set[asyncio.Task[DeliveryAttempt | None]] = set()
        self._returned: list[Returned] = []
        self._unsent: list[OutgoingLetter] = []
        self._reserve = Reserve()
        self._pace = Pace()
        self._low = 0
        self._is_stopping = False
        self._alarm: asyncio.TimerHandle | None = None
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="letters")

    async def run(self) -> None:
        """Send what is due until cancelled, whatever a turn raises.

        Then wait for the attempts under way, record them, and close the connections.
        """
        try:
            await self._running.loops.run("letters", self._turn_and_rest, every=0.0, longest_pause=_POLL_SECONDS)
        except asyncio.CancelledError:
            await self._finish()
            raise

    async def _turn_and_rest(self) -> bool:
        await self._turn(self._room())
        await self._rest()
        return True

    def _room(self) -> int:
        """Return how many letters may be claimed now."""
        now = time.monotonic()
        self._pace = self._pace.after(len(self._returned), now)
        return self._breaker.room(self._pace.room(self._settings.mail_connections, len(self._in_hand)), now)

    async def _turn(self, limit: int) -> None:
        """Record the outcomes so far and send up to ``limit`` letters."""
        self._bell.clear()
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        returned, unsent, began = list(self._returned), list(self._unsent), time.monotonic()
        self._reserve.drop(decided_before=began - _LINE_WAIT_SECONDS)
        first, dropped = self._reserve.first(limit), self._reserve.dropped
        probes = self._breaker.is_open
        ahead = 0 if probes or self._is_stopping else self._pace.missing(len(self._reserve), began)
        async with self._running.transaction() as context:
            await note(context, returned, self._settings.patience)
            await give_back(context.session, {each.letter_id: each.tries for each in unsent}, context.now)
            await release(context.session, {each.letter.letter_id: each.until for each in dropped}, context.now)
            await self._renew(context)
            taken = await take(context, first, self._lease)
            claimed = await claim(context, limit=limit - len(first), ahead=ahead, lease=self._lease, asks=self._asks)
        self._pace = replace(self._pace, turn_seconds=time.monotonic() - began)
        del self._returned[: len(returned)], self._unsent[: len(unsent)]
        reserved = partial(ReservedLetter, until=claimed.until, decided_at=time.monotonic())
        self._reserve.forget(taken=len(first), given_back=len(dropped))
        self._reserve.add(map(reserved, claimed.reserved))
        leaving = [*taken, *claimed.leaving]
        for letter in leaving:
            self._send(letter, probes=probes)
            self._breaker = self._breaker.sent(time.monotonic())
        is_more = claimed.are_more_due or len(self._reserve) > 0
        if is_more and limit > len(leaving):
            self._bell.set()
        self._low = len(self._in_hand) // 2 if is_more else 0

    async def _renew(self, context: MessageContext[None]) -> None:
        if self._in_hand and context.now - self._renewed_at > self._lease / 3:
            await renew(context, self._in_hand.values(), self._lease)
            self._renewed_at = context.now

    async def _rest(self) -> None:
        """Wait until there may be something to do; connections that nobody needs for so long are closed, but one."""
        try:
            async with asyncio.timeout(_POLL_SECONDS):
                await self._bell.wait()
        except TimeoutError:
            if not self._in_hand:
                await self._connections.rest()

    async def _finish(self) -> None:
        """Record what is under way, and give back what waits for a connection; then nothing is written any more."""
        try:
            await self._hand_back()
        finally:
            self._writers.shutdown(wait=False, cancel_futures=True)

    async def _hand_back(self) -> None:
        self._is_stopping = True
        self._reserve.drop(decided_before=math.inf)
        for task in self._waiting:
            task.cancel()
        deadline = asyncio.get_running_loop().time() + _GRACE_SECONDS
        while self._in_hand and asyncio.get_running_loop().time() < deadline:
            await asyncio.wait(self._in_hand, timeout=_POLL_SECONDS)
            await self._record()
        if self._returned or self._unsent or self._reserve.dropped:
            await self._record()
        await self._connections.close()

    async def _record(self) -> None:
        """Record the outcomes so far, if the database answers: nothing waits for it when the service stops."""
        try:
            await self._turn(0)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("outcomes of letters are not recorded: the database does not answer", **failure(error))

    def _send(self, letter: OutgoingLetter, *, probes: bool) -> None:
        task = asyncio.create_task(self._attempt(letter, time.monotonic(), probes=probes))
        self._in_hand[task] = letter
        self._waiting.add(task)
        task.add_done_callback(self._take_back)

    async def _attempt(self, letter: OutgoingLetter, taken_at: float, *, probes: bool) -> DeliveryAttempt | None:
        """Try once to send a letter, or do not, if it waited too long or letters are held back: then return None.

        ``probes``: it was claimed to try a mail server that refuses all letters.
        """
        about = {"practio.letter.id": str(letter.letter_id), "practio.letter.kind": letter.kind.name}
        links = [each.traceparent for each in letter.items[:MOST_SHOWN]]
        async with self._free_connections:
            self._waiting.remove(cast("asyncio.Task[DeliveryAttempt | None]", asyncio.current_task()))
            if time.monotonic() - taken_at > _LINE_WAIT_SECONDS or (self._breaker.is_open and not probes):
                return None
            with span("send letter", below=letter.traceparent, beside=links, about=about):
                delivery = await self._deliver(letter)
            self._learn(letter, delivery)  # before another letter gets the connection
            return delivery

    async def _deliver(self, letter: OutgoingLetter) -> DeliveryAttempt:
        """Try once to hand over a letter; one that is refused for its size leaves in its next shorter form."""
        delivery = DeliveryAttempt(AttemptOutcome.NEVER, TOO_BIG)
        for brevity in brevities(letter):
            try:
                at_once = brevity is Brevity.WHOLE and compose_at_once(letter, self._settings, self._links)
                mail = at_once or await self._composed(letter, brevity)
            except EmailNotValidError:
                return DeliveryAttempt(AttemptOutcome.NEVER, "address-invalid")
            except NoPagesError:
                return DeliveryAttempt(AttemptOutcome.NEVER, "no-pages")
            if len(mail.content) > self._settings.mail_most_bytes:
                continue
            delivery = await self._connections.deliver(mail)
            if not delivery.too_big:
                return delivery
        return delivery

    async def _composed(self, letter: OutgoingLetter, brevity: Brevity) -> Mail:
        """Return a letter as mail, written in a thread: meanwhile the event loop does other work."""
        write = partial(compose_mail, letter, self._settings, self._links, brevity)
        return await asyncio.get_running_loop().run_in_executor(self._writers, write)

    def _take_back(self, task: asyncio.Task[DeliveryAttempt | None]) -> None:
        """Keep an attempt's outcome until it is noted; a fault of ours is tried again, as if it were the server's."""
        letter = self._in_hand.pop(task)
        if task.cancelled():
            if task in self._waiting:
                self._waiting.remove(task)
                self._unsent.append(letter)
            return
        error = task.exception()
        if error is not None:
            _log.error("letter could not be written", letter=str(letter.letter_id), **failure(error))
        delivery = DeliveryAttempt(AttemptOutcome.LATER, "could-not-be-written") if error is not None else task.result()
        if delivery is None:
            self._unsent.append(letter)
            self._ring()
            return
        self._returned.append(Returned(letter.letter_id, letter.tries, delivery))
        self._ring()

    def _ring(self) -> None:
        """Ask for a turn: now if few letters are left in hand or many came back, otherwise soon, with others."""
        if is_turn(in_hand=len(self._in_hand), low=self._low, returned=len(self._returned)):
            self._bell.set()
        elif self._alarm is None:
            wait = _OUTCOMES_WAIT_FOR_MORE_SECONDS if self._low else _OUTCOMES_WAIT_SECONDS
            self._alarm = asyncio.get_running_loop().call_later(wait, self._bell.set)

    def _learn(self, letter: OutgoingLetter, delivery: DeliveryAttempt) -> None:
        """Hold the letters back, or let them leave again, by what an attempt says about the mail server."""
        before = self._breaker
        self._breaker = before.after(delivery.sign, letter.person_id, delivery.reason, time.monotonic())
        if self._breaker.is_open == before.is_open:
            return
        MAIL_RELAY_REFUSES.set(self._breaker.is_open)
        if self._breaker.reason is not None:
            self._running.faults[_MAIL_RELAY] = f"the mail server refuses all letters ({self._breaker.reason})"
            _log.error("letters are held back: the mail server refuses all of them", reason=self._breaker.reason)
        else:
            self._running.faults.pop(_MAIL_RELAY, None)
            _log.info("letters leave again: the mail server takes them")
