"""Receivers of events over HTTPS that a test can break, and a vhost with an account whose events are posted."""

import asyncio
import json
import secrets as chance
import ssl
from base64 import b64encode
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import aio_pika
import trustme
from standardwebhooks.webhooks import Webhook
from tests.integration.contracts.vhost import ContractVhost
from tests.support.clients.commands import new_id

from practio_contracts.catalogue import EVENTS
from practio_gateway.hooks.consuming import RunningHook
from practio_gateway.hooks.hook import Hook

SECRET = f"whsec_{b64encode(b's' * 32).decode()}"
OTHER_SECRET = f"whsec_{b64encode(b'o' * 32).decode()}"
LOOPBACK = [ip_network("127.0.0.0/8")]
SUBJECT = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Posted:
    """A request that arrived at a receiver."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """Return the event in it."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        """Return its ``webhook-id``."""
        return self.headers["webhook-id"]


Answer = Callable[[Posted], Awaitable[bytes]]


def answering(status: int, *, headers: str = "", body: bytes = b"") -> Answer:
    """Return what answers every request with this status."""

    async def answer(_posted: Posted) -> bytes:
        return response(status, headers=headers, body=body)

    return answer


def response(status: int, *, headers: str = "", body: bytes = b"") -> bytes:
    """Return a response as it is written on the wire."""
    return f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body


@dataclass
class HookReceiver:
    """An HTTPS server whose answer a test changes as it likes; it checks every signature."""

    authority: Path
    certificate: trustme.LeafCert
    answer: Answer = field(default_factory=lambda: answering(204))
    posted: list[Posted] = field(default_factory=list)
    port: int = 0
    dribbles: bool = False

    @property
    def url(self) -> str:
        """Return the address to which events are posted."""
        return f"https://localhost:{self.port}/practio"

    def ids(self) -> list[str]:
        """Return the ids of everything posted, in order, repetitions included."""
        return [each.id for each in self.posted]

    def subjects(self) -> dict[str, list[str]]:
        """Return the ids of the events posted, by subject, in order."""
        found: dict[str, list[str]] = defaultdict(list)
        for each in self.posted:
            found[each.event["subject"]].append(each.id)
        return found

    @asynccontextmanager
    async def run(self) -> AsyncIterator["HookReceiver"]:
        """Listen for as long as the block runs."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.certificate.configure_cert(context)
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (line := await reader.readline()).startswith(b"POST "):
                headers = {}
                while (line := await reader.readline()).strip():
                    name, _, value = line.decode().partition(":")
                    headers[name.strip().lower()] = value.strip()
                body = await reader.readexactly(int(headers["content-length"]))
                posted = Posted(headers, body)
                Webhook(SECRET).verify(body, headers)
                self.posted.append(posted)
                answer = await self.answer(posted)
                if self.dribbles:
                    await _dribble(writer)
                writer.write(answer)
                await writer.drain()
        except (OSError, EOFError):
            return
        finally:
            writer.close()


async def _dribble(writer: asyncio.StreamWriter) -> None:
    """Send a header without an end, and never fall silent, until the other side is gone."""
    writer.write(b"HTTP/1.1 200 OK\r\nx-long: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


def a_receiver(folder: Path, *, name: str = "localhost", trusted: bool = True) -> HookReceiver:
    """Return a receiver whose certificate is for ``name``, from an authority that its hook knows unless not trusted."""
    ours, others = trustme.CA(), trustme.CA()
    authority = folder / f"authority-{chance.token_hex(4)}.pem"
    ours.cert_pem.write_to_path(authority)
    return HookReceiver(authority, (ours if trusted else others).issue_cert(name))


def a_hook(receiver: HookReceiver, vhost: ContractVhost, **changes: Any) -> Hook:
    """Return a hook with short times."""
    usual: dict[str, Any] = {
        "name": "intranet",
        "url": receiver.url,
        "broker_url": vhost.outside_url,
        "secrets": [SECRET],
        "allowed": LOOPBACK,
        "authority": receiver.authority,
        "patience": 60.0,
        "longest_pause": 0.2,
        "read_seconds": 0.5,
        "whole_seconds": 2.0,
    }
    return Hook(**(usual | changes))


@asynccontextmanager
async def running(hook: Hook) -> AsyncIterator[RunningHook]:
    """Run a hook for as long as the block does, and let it finish."""
    found = RunningHook(hook)
    task = asyncio.create_task(found.run())
    try:
        yield found
    finally:
        found.stop()
        await asyncio.wait_for(task, 60)


@asynccontextmanager
async def killed(hook: Hook) -> AsyncIterator[RunningHook]:
    """Run a hook until the block ends, and end it as a crash would: nothing is finished."""
    found = RunningHook(hook)
    task = asyncio.create_task(found.run())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def publish(vhost: ContractVhost, *subjects: str) -> list[str]:
    """Publish an event for each subject, as Practio does; return their ids."""
    ids = []
    async with await aio_pika.connect(vhost.admin_url) as connection:
        exchange = await (await connection.channel()).get_exchange(EVENTS, ensure=False)
        for subject in subjects:
            event = {
                "specversion": "1.0",
                "id": new_id(),
                "source": "/practio/membership",
                "type": "practio.membership.joined.v1",
                "time": "2026-11-29T12:00:00Z",
                "subject": subject,
                "data": {"note": "Grüße"},
            }
            body = json.dumps(event, ensure_ascii=False).encode()
            message = aio_pika.Message(body, content_type="application/cloudevents+json", delivery_mode=2)
            await exchange.publish(message, "membership.joined.v1")
            ids.append(str(event["id"]))
    return ids


async def lengths(vhost: ContractVhost, *queues: str) -> list[int]:
    """Return how many messages are in queues, ready to be read."""
    async with await aio_pika.connect(vhost.admin_url) as connection:
        channel = await connection.channel()
        return [
            (await channel.declare_queue(queue, passive=True)).declaration_result.message_count or 0 for queue in queues
        ]
