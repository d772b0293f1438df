"""Mail servers that accept letters, refuse them, cut the connection or do not answer, each on its own port."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Answer = str | None
"""The answer to send; None: cut the connection."""


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass
class MailServer:
    """The answers of a mail server to MAIL, to RCPT and to DATA, by address or by size, and its letters.

    ``tries`` counts the letters that it was offered. With a ``password`` it takes none without a login. A closed
    ``gate`` delays answers to DATA.
    """

    to_mail: Callable[[str], Answer] = lambda _address: "250 OK"
    to_rcpt: Callable[[str], Answer] = lambda _address: "250 OK"
    to_data: Callable[[str], Answer] = lambda _address: "250 Kept"
    to_size: Callable[[int], Answer] | None = None
    letters: list[EmailMessage] = field(default_factory=list)
    password: str | None = None
    tries: int = 0
    connections: set[SMTP] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=_open_gate)
    port: int = 0

    def hang_up(self) -> None:
        """Cut all connections that letters came over."""
        for connection in self.connections:
            _cut(connection)

    def logs_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object) -> AuthResult:
        """Answer to a login; aiosmtpd says 535 if it fails."""
        known = isinstance(given, LoginPassword) and given.password.decode() == self.password
        self.tries += not known
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to a sender; aiosmtpd calls this by name."""
        self.tries += 1
        answer = self.to_mail(address)
        if answer is not None and answer.startswith("250"):
            envelope.mail_from = address
        return _reply(answer, server)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to a recipient; aiosmtpd calls this by name."""
        answer = self.to_rcpt(address)
        if answer is not None and answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return _reply(answer, server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer to a letter; aiosmtpd calls this by name."""
        self.connections.add(server)
        size = len(cast(bytes, envelope.content))
        answer = self.to_size(size) if self.to_size else self.to_data(envelope.rcpt_tos[0])
        if answer is None or answer.startswith("250"):
            self.letters.append(email.message_from_bytes(cast(bytes, envelope.content), policy=email.policy.default))
        await self.gate.wait()
        return _reply(answer, server)


def _reply(answer: Answer, server: SMTP) -> str:
    if answer is not None:
        return answer
    _cut(server)
    return "421 gone"


def _cut(connection: SMTP) -> None:
    assert isinstance(connection.transport, asyncio.WriteTransport)
    connection.transport.abort()


@asynccontextmanager
async def listening(mail_server: MailServer) -> AsyncIterator[MailServer]:
    """Let ``mail_server`` answer for as long as the context lasts, on its former port if it had one."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            mail_server,
            hostname="mail.example.org",
            loop=loop,
            authenticator=mail_server.logs_in,
            auth_required=mail_server.password is not None,
            auth_require_tls=False,
        ),
        "127.0.0.1",
        mail_server.port,
    )
    mail_server.port = server.sockets[0].getsockname()[1]
    try:
        yield mail_server
    finally:
        server.close()
