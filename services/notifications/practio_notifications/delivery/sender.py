"""The sender: claims letters that are due, sends them concurrently, and records the outcomes.

One loop, one transaction per turn: it records the outcomes that have come back and claims as many letters as there is
room for. So outcomes that arrive together are recorded together, and a slow answer delays nothing else. There is room
for one letter per connection, plus as many as came back since the previous turn: with a fast mail server, connections
do not wait for turns; with a slow one, no claimed letter waits while its content may become outdated.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from email_validator import EmailNotValidError
from sqlalchemy.exc import SQLAlchemyError

from practio_chassis.context import MessageContext
from practio_chassis.service import Running
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import span
from practio_notifications.delivery.claims import OutgoingLetter, claim, renew
from practio_notifications.delivery.compose import NoPagesError, compose_mail
from practio_notifications.delivery.outcomes import Returned, note
from practio_notifications.delivery.settings import MailSettings
from practio_notifications.delivery.smtp import Connections
from practio_notifications.letters.delivery import Delivery, Outcome

_POLL_SECONDS = 1.0
_GRACE_SECONDS = 20.0
_MOST_AHEAD = 3  # letters a connection
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
        self._connections = Connections(self._settings)
        self._lines = asyncio.Semaphore(self._settings.mail_connections)
        self._lease = timedelta(seconds=self._settings.mail_lease)
        self._renewed_at = datetime.min.replace(tzinfo=UTC)
        self._in_hand: dict[asyncio.Task[Delivery], OutgoingLetter] = {}
        self._returned: list[Returned] = []

    async def run(self) -> None:
        """Send what is due until cancelled;

        then wait for the attempts under way, record them, and close the connections.
        """
        try:
            while True:
                if await self._turn(self._room()):
                    await self._rest()
                else:
                    await asyncio.sleep(_POLL_SECONDS)
        except asyncio.CancelledError:
            await self._finish()
            raise

    def _room(self) -> int:
        """Return how many letters may be claimed now."""
        most = self._settings.mail_connections
        return max(0, most + min(len(self._returned), _MOST_AHEAD * most) - len(self._in_hand))

    async def _turn(self, limit: int) -> bool:
        """Record the outcomes so far and send up to ``limit`` letters; return false if the database is away."""
        self._bell.clear()
        returned = list(self._returned)
        try:
            async with self._running.transaction() as context:
                await note(context, returned, self._settings.patience)
                await self._renew(context)
                leaving, due = await claim(context, limit=limit, lease=self._lease)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("letters wait: the database does not answer", **failure(error))
            return False
        del self._returned[: len(returned)]
        for letter in leaving:
            self._send(letter)
        if due == limit > len(leaving):
            self._bell.set()
        return True

    async def _renew(self, context: MessageContext[None]) -> None:
        if self._in_hand and context.now - self._renewed_at > self._lease / 3:
            await renew(context, self._in_hand.values(), self._lease)
            self._renewed_at = context.now

    async def _rest(self) -> None:
        """Wait until there may be something to do; connections that nobody needs for so long are closed."""
        try:
            async with asyncio.timeout(_POLL_SECONDS):
                await self._bell.wait()
        except TimeoutError:
            if not self._in_hand:
                await self._connections.close()

    async def _finish(self) -> None:
        deadline = asyncio.get_running_loop().time() + _GRACE_SECONDS
        while self._in_hand and asyncio.get_running_loop().time() < deadline:
            await asyncio.wait(self._in_hand, timeout=_POLL_SECONDS)
            await self._turn(0)
        if self._returned:
            await self._turn(0)
        await self._connections.close()

    def _send(self, letter: OutgoingLetter) -> None:
        task = asyncio.create_task(self._attempt(letter))
        self._in_hand[task] = letter
        task.add_done_callback(self._take_back)

    async def _attempt(self, letter: OutgoingLetter) -> Delivery:
        about = {"practio.letter.id": str(letter.letter_id), "practio.letter.kind": letter.kind.name}
        links = [each.traceparent for each in letter.items]
        async with self._lines:
            with span("send letter", below=letter.traceparent, beside=links, about=about):
                return await self._deliver(letter)

    async def _deliver(self, letter: OutgoingLetter) -> Delivery:
        try:
            mail = compose_mail(letter, self._settings, self._links)
        except EmailNotValidError:
            return Delivery(Outcome.NEVER, "address-invalid")
        except NoPagesError:
            return Delivery(Outcome.NEVER, "no-pages")
        return await self._connections.deliver(mail)

    def _take_back(self, task: asyncio.Task[Delivery]) -> None:
        """Keep an attempt's outcome until it is noted; a fault of ours is tried again, as if it were the server's."""
        letter = self._in_hand.pop(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            _log.error("letter could not be written", letter=str(letter.letter_id), **failure(error))
        delivery = Delivery(Outcome.LATER, "could-not-be-written") if error is not None else task.result()
        self._returned.append(Returned(letter.letter_id, letter.tries, delivery))
        self._bell.set()
