"""The mail server that tests deliver to: it accepts every letter and stores it."""

import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@dataclass(frozen=True)
class ReceivedLetter:
    """One letter as it came over SMTP; ``to`` is the envelope's recipient."""

    to: str
    message: EmailMessage

    @property
    def message_id(self) -> str:
        """Return the header that is fixed for each letter."""
        return str(self.message["Message-ID"])

    @property
    def kind(self) -> str:
        """Return which kind of letter it is."""
        return str(self.message["Feedback-ID"]).split(":")[0]

    @property
    def subject(self) -> str:
        """Return the subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """Return the plain text of the letter."""
        body = self.message.get_body(("plain",))
        return cast(str, body.get_content()) if body is not None else ""


class LetterSource(Protocol):
    """The place where letters arrive: a mail server or a mail catcher."""

    @property
    def letters(self) -> Sequence[ReceivedLetter]:
        """Return the letters so far, in order of arrival."""


class Mailbox:
    """An SMTP server in a thread of this process; ``letters`` are in order of arrival.

    The addresses in ``strangers`` have no mailbox here.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.letters: list[ReceivedLetter] = []
        self.strangers: set[str] = set()
        self._controller = Controller(self, hostname=HOST, port=port)

    def start(self) -> None:
        """Open the port."""
        self._controller.start()

    def stop(self) -> None:
        """Close the port; letters that came stay."""
        self._controller.stop()

    def to(self, address: str) -> list[ReceivedLetter]:
        """Return the letters to one address, in order of arrival."""
        return [letter for letter in self.letters if letter.to == address]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse letters to strangers for good; aiosmtpd calls this by name."""
        if address in self.strangers:
            return "550 5.1.1 Nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a letter once for each recipient; aiosmtpd calls this by name."""
        message = email.message_from_bytes(cast(bytes, envelope.content), policy=email.policy.default)
        self.letters += [ReceivedLetter(to, message) for to in envelope.rcpt_tos]
        return "250 Kept"
