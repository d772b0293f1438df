"""No query is left in hand: what cannot be answered fails, and what fails in an unknown way comes again."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import MetaData

from practio_chassis.database import engine
from practio_chassis.database.tables import chassis_tables
from practio_chassis.inbound import query_consumer
from practio_chassis.inbound.arrival import receive
from practio_chassis.inbound.query_consumer import QueryConsumer
from practio_chassis.inbound.query_start import QueryStart
from practio_chassis.inbound.settlement import Settlement
from practio_chassis.outbound.redirects import Redirect, Redirects
from practio_chassis.outbound.replies import Replies
from practio_contracts.catalogue import QUERIES
from practio_contracts.rooms import GetRoom

QUERY = Path(__file__).parents[3] / "contracts/examples/rooms.get-room.v1.json"


class Delivery:
    """A query as the client library has it, and the frames that answered it."""

    exchange, routing_key, user_id, content_type = QUERIES, GetRoom.routing_key, "intranet", "application/json"
    reply_to = "amq.rabbitmq.reply-to.g1h3D3JlcGx5QDExODIzNDkxNwAAAQIAAAAAZh+KAQ==.DPUYH8hJbWjcHKfiwR9XYQ=="
    message_id = correlation_id = properties = None
    redelivered, delivery_tag = False, 1

    def __init__(self) -> None:
        self.body = QUERY.read_bytes()
        self.headers: dict[str, Any] = {}
        self.frames: list[str] = []
        self.channel = type("Channel", (), {})()

    async def ack(self, multiple: bool = False) -> None:
        self.frames.append("ack")

    async def nack(self, requeue: bool) -> None:
        self.frames.append("nack")


class Broker:
    """Takes answers and dead letters, unless ``broken``."""

    def __init__(self, broken: Exception | None = None) -> None:
        self.codes: list[str | None] = []
        self._broken = broken

    async def send(self, body: bytes, *_: object, **__: object) -> None:
        if self._broken:
            raise self._broken
        self.codes.append(json.loads(body)["data"].get("code"))


class DeadLetters:
    """Records why queries were dead-lettered."""

    def __init__(self) -> None:
        self.reasons: list[object] = []

    async def send(self, body: bytes, like: object, redirect: Redirect) -> None:
        self.reasons.append(redirect.headers)


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database answer, and let everybody ask."""

    async def answers(_pool: object) -> bool:
        return True

    async def time_and_refusal(*_: object) -> tuple[datetime, None]:
        return datetime.now(UTC), None

    @asynccontextmanager
    async def read_only(_sessions: object) -> AsyncIterator[None]:
        yield

    monkeypatch.setattr(engine, "answers", answers)
    monkeypatch.setattr(QueryStart, "time_and_refusal", time_and_refusal)
    monkeypatch.setattr(query_consumer, "read_only", read_only)


async def consume(result: object, *, replies: Broker, dead: DeadLetters) -> list[str]:
    """Return the frames that end a query whose handler returns ``result``."""

    async def handle(*_: object) -> object:
        return result

    queries = QueryConsumer(
        service=cast(Any, SimpleNamespace(name="rooms", queries={GetRoom: handle})),
        settlement=Settlement(
            service="rooms",
            queue="rooms.queries",
            replies=cast(Replies, replies),
            redirects=cast(Redirects, dead),
            is_query=True,
        ),
        tables=chassis_tables(MetaData()),
        sessions=cast(Any, None),
        pool=cast(Any, None),
    )
    raw = Delivery()
    await queries.consume(receive(cast(Any, raw), service="rooms", subscriptions=[GetRoom]))
    assert queries.progress.stalled(after=0) is None
    return raw.frames


async def test_a_query_is_answered_and_acknowledged() -> None:
    replies, dead = Broker(), DeadLetters()
    assert await consume({"room": None}, replies=replies, dead=dead) == ["ack"]
    assert (replies.codes, dead.reasons) == ([None], [])


async def test_a_query_whose_answer_cannot_be_written_has_failed() -> None:
    replies, dead = Broker(), DeadLetters()
    assert await consume({"room": object()}, replies=replies, dead=dead) == ["ack"]
    assert replies.codes == ["failed"]
    assert len(dead.reasons) == 1


async def test_a_query_whose_end_fails_in_an_unknown_way_is_returned_to_the_broker() -> None:
    assert await consume({"room": None}, replies=Broker(LookupError()), dead=DeadLetters()) == ["nack"]
