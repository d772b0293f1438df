"""The sender: claims letters that are due, sends them side by side, and notes how it went.

One loop, one transaction a turn: it notes what has come back and claims what there is room for. So letters that come
back together are noted together, and a slow answer holds up nobody but itself.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from email_validator import EmailNotValidError
from sqlalchemy.exc import SQLAlchemyError

from practio_chassis.log import failure, logger
from practio_chassis.service import Running
from practio_chassis.work import Work
from practio_notifications.letters.delivery import Delivery, Outcome
from practio_notifications.letters.truth import Contact
from practio_notifications.mailer.mail import About, Mail, compose
from practio_notifications.mailer.notes import Leaving, Returned, claim, note, renew
from practio_notifications.mailer.rendering import render
from practio_notifications.mailer.settings import MailSettings
from practio_notifications.mailer.smtp import Connections

_POLL_SECONDS = 1.0
_GRACE_SECONDS = 20.0
_log = logger(__name__)


class Sender:
    """Sends letters over as many connections as the settings say; several senders share the work without meeting.

    ``bell`` says that there may be something to do; without it the letters are looked at every second.
    """

    def __init__(self, running: Running, bell: asyncio.Event) -> None:
        self._running = running
        self._settings: MailSettings = running.settings
        self._bell = bell
        self._connections = Connections(self._settings)
        self._lease = timedelta(seconds=self._settings.mail_lease)
        self._renewed_at = datetime.min.replace(tzinfo=UTC)
        self._in_hand: dict[asyncio.Task[Delivery], Leaving] = {}
        self._returned: list[Returned] = []

    async def work(self) -> None:
        """Send what is due until cancelled; then wait for what is in hand, note it, and close the connections."""
        try:
            while True:
                if await self._turn(self._settings.mail_connections - len(self._in_hand)):
                    await self._rest()
                else:
                    await asyncio.sleep(_POLL_SECONDS)
        except asyncio.CancelledError:
            await self._finish()
            raise

    async def _turn(self, limit: int) -> bool:
        """Note what has come back and send up to ``limit`` letters; give false where the database is away."""
        self._bell.clear()
        returned = list(self._returned)
        try:
            async with self._running.transaction() as work:
                await note(work, returned, self._settings.patience)
                await self._renew(work)
                leaving, due = await claim(work, limit=limit, lease=self._lease)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("letters wait: the database does not answer", **failure(error))
            return False
        del self._returned[: len(returned)]
        for letter in leaving:
            self._send(letter)
        if due == limit > len(leaving):
            self._bell.set()
        return True

    async def _renew(self, work: Work[None]) -> None:
        if self._in_hand and work.now - self._renewed_at > self._lease / 3:
            await renew(work, self._in_hand.values(), self._lease)
            self._renewed_at = work.now

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

    def _send(self, letter: Leaving) -> None:
        task = asyncio.create_task(self._attempt(letter))
        self._in_hand[task] = letter
        task.add_done_callback(self._take_back)

    async def _attempt(self, letter: Leaving) -> Delivery:
        try:
            mail = self._written(letter)
        except EmailNotValidError:
            return Delivery(Outcome.NEVER, "address-invalid")
        return await self._connections.deliver(mail)

    def _written(self, letter: Leaving) -> Mail:
        membership = letter.fact.membership
        about = About(
            letter_id=letter.letter_id,
            kind=letter.kind,
            room_id=membership.room_id,
            member_id=membership.person_id,
            created_at=letter.created_at,
        )
        reader = letter.situation.reader
        assert isinstance(reader, Contact)  # truth.skip_reason lets no other pass
        rendered = render(letter.kind, letter.fact, reader, letter.situation)
        return compose(rendered, about, reader=reader, sender=self._settings.sender)

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
