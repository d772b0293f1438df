"""A try to deliver an event fails in any way that it likes: the event and its order are kept."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import httpcore
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from tests.support.every_case import every_case
from tests.unit.gateway.test_hooks import SECRETS

from practio_gateway.hooks.consuming import RunningHook
from practio_gateway.hooks.dead_letters import REASON
from practio_gateway.hooks.delivering import Deliverer
from practio_gateway.hooks.hook import Hook
from practio_gateway.hooks.lanes import Lanes
from practio_gateway.hooks.posting import Failed, Poster, Taken, _retry_after


class Channel:
    """A channel of no broker, which keeps the dead letters."""

    def __init__(self) -> None:
        self.dead: list[Any] = []
        self.is_closed = False

    async def get_exchange(self, *_: object, **__: object) -> "Channel":
        """Return itself as the exchange of dead letters."""
        return self

    async def publish(self, message: object, _key: str) -> None:
        """Keep a dead letter."""
        self.dead.append(message)

    async def close(self) -> None:
        """Close it."""
        self.is_closed = True


class Posts(Poster):
    """Posts nothing: each try has the next of its outcomes, and an error is raised."""

    def __init__(self, *outcomes: Taken | Failed | Exception) -> None:
        self.outcomes, self.posted = list(outcomes), list[str]()

    async def post(self, _body: bytes, headers: Mapping[str, str]) -> Taken | Failed:
        """Return the next outcome, or raise it."""
        self.posted.append(headers["webhook-id"])
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Message:
    """A message of no broker."""

    def __init__(self, number: int) -> None:
        event = {"id": str(number), "source": "/practio/rooms", "subject": "a-room", "type": "practio.x"}
        self.body = json.dumps(event).encode()
        self.content_type, self.message_id = None, None
        self.processed = False

    async def ack(self) -> None:
        """Take it from its queue."""
        self.processed = True


def a_hook(*, patience: float = 60) -> Hook:
    url = "amqp://intranet:pass@127.0.0.1/practio"
    return Hook(
        name="a", url="https://localhost/", broker_url=url, secrets=SECRETS, patience=patience, longest_pause=0.001
    )


@every_case(
    ("written", "seconds"),
    [
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 0),
        ("Mon, 30 Nov 2026 00:00:30 GMT", 30),
        ("Sun, 29 Nov 2026 00:00:30 GMT", 0),
        ("Mon, 30 Nov 2026 00:00:30 -0000", 0),
        ("120", 120),
        ("9" * 400, 999_999_999),
        ("soon", 0),
        ("-5", 0),
        ("", 0),
    ],
)
def test_a_receiver_asks_for_a_pause_or_for_nothing_that_can_be_read(written: str, seconds: float) -> None:
    found = httpcore.Response(503, headers=[(b"Retry-After", written.encode())])
    assert _retry_after(found, now=datetime(2026, 11, 30, tzinfo=UTC)) == seconds


async def test_a_try_that_fails_unexpectedly_is_tried_again() -> None:
    posts, message, channel = Posts(ZeroDivisionError(), Taken.DELIVERED), Message(1), Channel()
    await Deliverer(a_hook(), posts).deliver(cast(AbstractChannel, channel), cast(AbstractIncomingMessage, message))
    assert (message.processed, posts.posted, channel.dead) == (True, ["1", "1"], [])


async def test_what_always_fails_unexpectedly_is_a_dead_letter() -> None:
    posts, message, channel = Posts(ZeroDivisionError()), Message(1), Channel()
    deliverer = Deliverer(a_hook(patience=0), posts)
    await deliverer.deliver(cast(AbstractChannel, channel), cast(AbstractIncomingMessage, message))
    assert (message.processed, [each.headers[REASON] for each in channel.dead]) == (True, ["unexpected"])


@every_case("error", [ZeroDivisionError(), ConnectionError()])
async def test_what_cannot_be_acknowledged_is_read_again_before_what_is_behind_it(error: Exception) -> None:
    hook, channel = RunningHook(a_hook()), Channel()
    taken: list[Any] = []

    async def deliver(_channel: object, message: object) -> None:
        taken.append(message)
        raise error

    hook._deliverer = cast(Deliverer, SimpleNamespace(deliver=deliver, stopping=asyncio.Event()))
    messages = [cast(AbstractIncomingMessage, Message(number)) for number in (1, 2)]
    lanes = Lanes[AbstractIncomingMessage](lambda message: hook._deliver(cast(AbstractChannel, channel), message))
    for each in messages:
        lanes.add("a-room", each)
    lanes.start()
    await asyncio.gather(*lanes._tasks.values())
    assert (channel.is_closed, taken) == (True, messages[:1])
