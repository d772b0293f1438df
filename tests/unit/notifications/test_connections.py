"""Connections to the mail server: one stays open for the next letter, for a while."""

from collections.abc import Callable

import pytest
from aiosmtplib import SMTPServerDisconnected
from tests.unit.notifications.test_settings import settings

from practio_notifications.delivery import smtp
from practio_notifications.delivery.mail import Mail
from practio_notifications.letters.delivery import AttemptOutcome

MAIL = Mail("practio@example.org", "ada@example.org", b"Subject: A letter\r\n\r\nHello\r\n")


class Connection:
    """A connection that takes every letter, on which the server hangs up if ``is_cut``."""

    def __init__(self, opened: "list[Connection]") -> None:
        self.letters = 0
        self.is_closed = self.is_cut = False
        opened.append(self)

    async def connect(self) -> None:
        """Do nothing: it is open."""

    async def mail(self, _sender: str) -> None:
        if self.is_cut:
            raise SMTPServerDisconnected("gone")

    async def rcpt(self, _recipient: str) -> None:
        """Take any recipient."""

    async def data(self, _content: bytes) -> None:
        self.letters += 1

    async def quit(self, **_: float) -> None:
        self.is_closed = True

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return what lets time pass."""
    now = [100.0]
    monkeypatch.setattr(smtp, "monotonic", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    return passes


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Return the connections that were opened, in order."""
    found: list[Connection] = []
    monkeypatch.setattr(smtp, "SMTP", lambda **_: Connection(found))
    return found


async def test_a_connection_stays_open_for_the_next_letter_for_a_minute(
    opened: list[Connection], clock: Callable[[float], None]
) -> None:
    connections = smtp.SmtpConnections(settings())
    await connections.deliver(MAIL)
    clock(59.0)
    await connections.rest()
    await connections.deliver(MAIL)
    assert [connection.letters for connection in opened] == [2]
    clock(61.0)
    await connections.rest()
    assert opened[0].is_closed


async def test_a_connection_that_the_server_cut_meanwhile_costs_no_letter(opened: list[Connection]) -> None:
    connections = smtp.SmtpConnections(settings())
    await connections.deliver(MAIL)
    opened[0].is_cut = True
    assert (await connections.deliver(MAIL)).outcome is AttemptOutcome.ACCEPTED
    assert [connection.letters for connection in opened] == [1, 1]
