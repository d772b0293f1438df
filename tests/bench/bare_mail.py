"""The baseline of letters: aiosmtplib with nothing around it, the same message again and again.

A process of its own, as a service is. Run as `python -m tests.bench.bare_mail PORT CONNECTIONS COUNT FILE`.
"""

import asyncio
import sys
from pathlib import Path

import uvloop
from aiosmtplib import SMTP
from tests.support.stack.mailbox import HOST


async def send(port: int, connections: int, count: int, message: bytes) -> None:
    """Send ``count`` copies of ``message``, shared out over so many connections."""
    shares = [count // connections + (number < count % connections) for number in range(connections)]
    await asyncio.gather(*(_send_share(port, share, message) for share in shares))


async def _send_share(port: int, count: int, message: bytes) -> None:
    client = SMTP(hostname=HOST, port=port, start_tls=False)
    async with client:
        for _ in range(count):
            await client.mail("practio@example.org")
            await client.rcpt("reader@example.org")
            await client.data(message)


if __name__ == "__main__":
    port, connections, count = map(int, sys.argv[1:4])
    uvloop.run(send(port, connections, count, Path(sys.argv[4]).read_bytes()))
