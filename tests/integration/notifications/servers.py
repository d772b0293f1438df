"""Mail servers that take letters, refuse them, cut the line or say nothing, each on a port of its own."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = str | None
"""What to say; None: cut the line."""


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass
class MailServer:
    """What a mail server says to RCPT and to DATA, and what it took; a closed ``gate`` holds answers to DATA back."""

    to_rcpt: Callable[[str], Answer] = lambda _address: "250 OK"
    to_data: Callable[[str], Answer] = lambda _address: "250 Kept"
    letters: list[EmailMessage] = field(default_factory=list)
    lines: set[SMTP] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=_open_gate)
    port: int = 0

    def hang_up(self) -> None:
        """Cut all lines that letters came over."""
        for line in self.lines:
            assert line.transport is not None
            line.transport.abort()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to a recipient; aiosmtpd calls this by name."""
        answer = self.to_rcpt(address)
        if answer is not None and answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return _said(answer, server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer to a letter; aiosmtpd calls this by name."""
        self.lines.add(server)
        answer = self.to_data(envelope.rcpt_tos[0])
        if answer is None or answer.startswith("250"):
            message = email.message_from_bytes(cast(bytes, envelope.content), policy=email.policy.default)
            self.letters.append(cast(EmailMessage, message))
        await self.gate.wait()
        return _said(answer, server)


def _said(answer: Answer, server: SMTP) -> str:
    if answer is not None:
        return answer
    assert server.transport is not None
    server.transport.abort()
    return "421 gone"


@asynccontextmanager
async def listening(mail_server: MailServer) -> AsyncIterator[MailServer]:
    """Let ``mail_server`` answer, on its port where it had one before, for as long as the context lasts."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mail_server, hostname="mail.example.org", loop=loop), "127.0.0.1", mail_server.port
    )
    mail_server.port = server.sockets[0].getsockname()[1]
    try:
        yield mail_server
    finally:
        server.close()
