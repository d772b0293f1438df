"""The baselines of letters: aiosmtplib with nothing around it.

It sends a ready-made message again and again, or builds each from its words with the standard library. A process of
its own, as a service is. Run as `python -m tests.bench.bare_mail PORT CONNECTIONS COUNT FILE [built]`; the file is a
message.
"""

import asyncio
import email
import email.policy
import sys
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from pathlib import Path

import uvloop
from aiosmtplib import SMTP
from tests.support.stack.mailbox import HOST

_OF_EACH = ("Message-ID", "Date", "To", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")


async def send(port: int, connections: int, count: int, message: Callable[[], bytes]) -> None:
    """Send ``count`` messages, shared out over so many connections."""
    shares = [count // connections + (number < count % connections) for number in range(connections)]
    await asyncio.gather(*(_send_share(port, share, message) for share in shares))


async def _send_share(port: int, count: int, message: Callable[[], bytes]) -> None:
    client = SMTP(hostname=HOST, port=port, start_tls=False)
    async with client:
        for _ in range(count):
            await client.mail("practio@example.org")
            await client.rcpt("reader@example.org")
            await client.data(message())


def built_from(content: bytes) -> Callable[[], bytes]:
    """Return a function that builds a letter with the headers and both forms of a message, as a new one each time."""
    sample = email.message_from_bytes(content, policy=email.policy.default)
    headers = [(name, str(value)) for name, value in sample.items() if name not in _OF_EACH]
    text, html = (sample.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None, "no plain text"
    assert html is not None, "no HTML"
    words, page = text.get_content(), html.get_content()

    def build() -> bytes:
        letter = EmailMessage(policy=email.policy.SMTP)
        for name, value in headers:
            letter[name] = value
        letter["To"], letter["Message-ID"] = "Ada Moretti <reader@example.org>", make_msgid(domain="example.org")
        letter["Date"] = format_datetime(localtime())
        letter.set_content(words)
        letter.add_alternative(page, subtype="html")
        return letter.as_bytes()

    return build


if __name__ == "__main__":
    port, connections, count = map(int, sys.argv[1:4])
    content = Path(sys.argv[4]).read_bytes()
    uvloop.run(send(port, connections, count, built_from(content) if "built" in sys.argv[5:] else lambda: content))
