"""A vhost of the test's own: the exchanges of the contracts, an outside account, and a service that answers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import aio_pika
import httpx
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pamqp.common import FieldTable
from tests.support.stack.servers import Servers

from practio_contracts.broker_errors import LOST
from practio_contracts.catalogue import CATALOGUE, COMMANDS, DIRECTORY, EVENTS, QUERIES
from practio_contracts.connection import channels
from practio_contracts.envelope import CONTENT_TYPE, Envelope, read, write
from practio_contracts.message import Command, Message
from practio_operator.execution.http import NO_AUTHORITIES

ACCOUNT, PASSWORD, QUEUE = "intranet", "s3cret", "outside.intranet"
GRANTED = r"^(membership\..*|rooms\.get-room\.v1|people\..*)$"


@dataclass(frozen=True)
class ContractVhost:
    """The URLs of the vhost, for an administrator and for the outside account."""

    admin_url: str
    outside_url: str


@asynccontextmanager
async def a_contract_vhost(servers: Servers) -> AsyncIterator[ContractVhost]:
    """Yield a fresh vhost with exchanges, one queue and one account with the rights of the contracts; dropped after."""
    name = f"client-{uuid4().hex[:8]}"
    administrator = urlsplit(servers.urls.broker_url)
    vhost = ContractVhost(
        admin_url=administrator._replace(path=f"/{name}").geturl(),
        outside_url=f"amqp://{ACCOUNT}:{PASSWORD}@{administrator.hostname}:{administrator.port}/{name}",
    )
    login = (administrator.username or "guest", administrator.password or "guest")
    async with httpx.AsyncClient(
        base_url=servers.urls.management_url, auth=login, verify=NO_AUTHORITIES, timeout=30
    ) as management:
        await _made(management, name, login[0])
        try:
            await _declared(vhost.admin_url)
            yield vhost
        finally:
            await management.delete(f"/api/vhosts/{name}")
            await management.delete(f"/api/users/{ACCOUNT}")


async def _made(management: httpx.AsyncClient, vhost: str, administrator: str) -> None:
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    its_own = {"configure": "^$", "write": r"^practio\.(commands|queries|directory)$", "read": rf"^{QUEUE}$"}
    for path, body in (
        (f"vhosts/{vhost}", {}),
        (f"users/{ACCOUNT}", {"password": PASSWORD, "tags": ""}),
        (f"permissions/{vhost}/{administrator}", everything),
        (f"permissions/{vhost}/{ACCOUNT}", its_own),
        (f"topic-permissions/{vhost}/{ACCOUNT}", {"exchange": COMMANDS, "write": GRANTED, "read": "^$"}),
    ):
        (await management.put(f"/api/{path}", json=body)).raise_for_status()


async def _declared(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for name in (COMMANDS, QUERIES, DIRECTORY, EVENTS):
            await channel.declare_exchange(name, "topic", durable=True)
        quorum: FieldTable = {"x-queue-type": "quorum"}
        echo = await channel.declare_queue("echo", durable=True, arguments=quorum)
        await echo.bind(COMMANDS, "#")
        await echo.bind(QUERIES, "#")
        await echo.bind(DIRECTORY, "people.person-registered.v1")
        outside = await channel.declare_queue(QUEUE, durable=True, arguments=quorum)
        await outside.bind(EVENTS, "#")


@dataclass
class EchoService:
    """A service that answers each command and query with the message that it received.

    The first ``silent`` messages are not answered. Answers are sent once ``together`` different messages wait for them,
    last one first. One that was sent again does not count twice.
    """

    url: str
    silent: int = 0
    together: int = 1
    received: list[AbstractIncomingMessage] = field(default_factory=list)
    ids: Counter[UUID] = field(default_factory=Counter)
    unanswered: dict[int, UUID] = field(default_factory=dict)
    """The ids of messages that wait for an answer, by their place in ``received``."""

    async def run(self) -> None:
        """Answer for ever."""
        async for channel in channels(self.url):
            with suppress(*LOST):
                await (await channel.get_queue("echo")).consume(partial(self._take, channel))
                await channel.closed()

    async def _take(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
        self.received.append(message)
        message_id = _read(message).id
        self.ids[message_id] += 1
        if len(self.received) > self.silent:
            self.unanswered[len(self.received) - 1] = message_id
        due: list[int] = []
        if len(set(self.unanswered.values())) >= self.together:
            due, self.unanswered = sorted(self.unanswered, reverse=True), {}
        await message.ack()
        for place in due:
            await _answer(channel, self.received[place])


async def _answer(channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
    if message.reply_to:
        answer = aio_pika.Message(
            _written(_read(message)), content_type=CONTENT_TYPE, correlation_id=message.correlation_id
        )
        await channel.default_exchange.publish(answer, message.reply_to, mandatory=False)


def _read(message: AbstractIncomingMessage) -> Envelope:
    envelope = read(message.body, routing_key=message.routing_key, content_type=message.content_type)
    assert isinstance(envelope, Envelope)
    return envelope


def _written(received: Envelope) -> bytes:
    owner = received.data.owner()
    if not isinstance(received.data, Command):
        return write(
            answer_message(
                f"{owner}.answer.v1", query_id=str(received.id), query_type=received.type, result=_shown(received)
            )
        )
    about = {"command_id": str(received.id), "command_type": received.type}
    if getattr(received.data, "message", None) == "refuse me":
        return write(
            answer_message(f"{owner}.command-refused.v1", **about, code="room-not-open", detail="The room is closed.")
        )
    return write(answer_message(f"{owner}.command-accepted.v1", **about, changed=True, state=_shown(received)))


def _shown(received: Envelope) -> dict[str, Any]:
    shown: dict[str, Any] = received.data.model_dump(mode="json")
    return shown


def answer_message(key: str, **data: Any) -> Envelope:
    """Return a service's message in its envelope."""
    message: type[Message] = CATALOGUE[key]
    return Envelope(
        id=uuid4(),
        source=f"/practio/{message.owner()}",
        type=message.type_name(),
        time=datetime.now(UTC),
        subject="a-subject",
        data=message(**data),
    )


@asynccontextmanager
async def an_echo(vhost: ContractVhost, *, silent: int = 0, together: int = 1) -> AsyncIterator[EchoService]:
    """Have a service answer for as long as the block runs."""
    echo = EchoService(vhost.admin_url, silent=silent, together=together)
    running = asyncio.create_task(echo.run())
    try:
        yield echo
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
