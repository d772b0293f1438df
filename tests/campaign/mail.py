"""A mail server that goes away, answers 4xx or hangs."""

import asyncio
from enum import StrEnum

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.support.stack.mailbox import HOST, Mailbox


class Mood(StrEnum):
    """How the mail server treats the next letter."""

    WELL = "takes it"
    REFUSES = "answers 4xx"
    HANGS = "does not answer"


class MoodyMailbox(Mailbox):
    """A mailbox whose server can be stopped and started again, and has moods; set ``mood`` at any time."""

    mood = Mood.WELL

    def start(self) -> None:
        """Open the port."""
        self._controller = Controller(self, hostname=HOST, port=self.port)
        self._controller.start()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse for now, or go on; aiosmtpd calls this by name."""
        if self.mood is Mood.REFUSES:
            return "451 4.3.0 Not now"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the letter, or hang and then not keep it; aiosmtpd calls this by name."""
        if self.mood is Mood.HANGS:
            while self.mood is Mood.HANGS:  # noqa: ASYNC110 - set from another thread
                await asyncio.sleep(0.1)
            return "451 4.3.0 That took too long"
        return await super().handle_DATA(server, session, envelope)
