"""The mail server behind TLS: letters go only to a server with the right name from the right authority."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from tests.integration.notifications.mail_servers import MailServer
from tests.integration.tls.certificates import NAME, OTHER_NAME, Certificates

from practio_notifications.delivery.mail import Mail
from practio_notifications.delivery.settings import MailSettings, Security
from practio_notifications.delivery.smtp import SmtpConnections
from practio_notifications.letters.delivery import AttemptOutcome, DeliveryAttempt

pytestmark = pytest.mark.thorough

MAIL = Mail("practio@example.org", "ada@example.org", b"Subject: A seat for you\r\n\r\nHello\r\n")
PROTECTED = (Security.STARTTLS, Security.TLS)


@asynccontextmanager
async def listening(certificates: Certificates, security: Security) -> AsyncIterator[tuple[MailServer, int]]:
    """Yield a mail server with TLS (``NONE``: in plain text), and its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificates.leaf.configure_cert(context)
    starttls = context if security is Security.STARTTLS else None
    server, loop = MailServer(), asyncio.get_running_loop()
    protocol = partial(SMTP, server, tls_context=starttls, require_starttls=starttls is not None, loop=loop)
    ears = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if security is Security.TLS else None)
    try:
        yield server, ears.sockets[0].getsockname()[1]
    finally:
        ears.close()


async def delivered(
    port: int, security: Security, *, host: str = NAME, authority: Path | None = None
) -> DeliveryAttempt:
    settings = MailSettings(
        smtp_host=host, smtp_port=port, smtp_security=security, smtp_ca=authority, mail_from="practio@example.org"
    )
    connections = SmtpConnections(settings)
    try:
        return await connections.deliver(MAIL)
    finally:
        await connections.close()


@pytest.mark.parametrize("security", PROTECTED)
async def test_a_letter_goes_to_the_server_with_the_right_name_and_authority(
    certificates: Certificates, security: Security
) -> None:
    async with listening(certificates, security) as (server, port):
        assert (await delivered(port, security, authority=certificates.ours)).outcome is AttemptOutcome.ACCEPTED
    assert len(server.letters) == 1


@pytest.mark.parametrize("security", PROTECTED)
@pytest.mark.parametrize("wrong", ["authority", "no authority of ours", "name"])
async def test_no_letter_goes_to_a_server_of_the_wrong(
    certificates: Certificates, security: Security, wrong: str
) -> None:
    authority = {"authority": certificates.others, "name": certificates.ours}.get(wrong)
    async with listening(certificates, security) as (server, port):
        host = OTHER_NAME if wrong == "name" else NAME
        found = await delivered(port, security, host=host, authority=authority)
    assert found.outcome is AttemptOutcome.LATER
    assert server.letters == []


@pytest.mark.parametrize("security", PROTECTED)
async def test_no_letter_goes_in_plain_text_if_tls_is_required(certificates: Certificates, security: Security) -> None:
    async with listening(certificates, Security.NONE) as (server, port):
        assert (await delivered(port, security, authority=certificates.ours)).outcome is AttemptOutcome.LATER
    assert server.letters == []
