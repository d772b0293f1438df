"""How many statements a transaction takes: each is a round trip, and costs more than a decision.

The numbers are what the services take today. One that rises needs a reason; one that falls is to be lowered here.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.support.stack.databases import migrated_database
from tests.support.stack.example_service import received
from tests.support.stack.servers import Servers
from tests.unit.membership.builders import a_room

from practio_chassis.context import ReceivedMessage
from practio_chassis.database import engine
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Service
from practio_contracts.catalogue import account_of
from practio_contracts.envelope import Envelope, read
from practio_contracts.membership import RequestToJoin
from practio_contracts.message import Message
from practio_contracts.rooms import Room, RoomPublished
from practio_membership.app import SERVICE as MEMBERSHIP
from practio_notifications.app import SERVICE as NOTIFICATIONS
from practio_rooms.app import SERVICE as ROOMS

_SERVICES = (MEMBERSHIP, ROOMS, NOTIFICATIONS)
_OUTBOX = text("DELETE FROM outbox RETURNING id, routing_key, coalesce(internal, public) AS body")

STATEMENTS = {"membership": 8, "rooms": 8, "notifications": 11}
"""Statements of a batch, from its inbox to its outbox; BEGIN and COMMIT come on top."""


@dataclass(frozen=True)
class Work:
    """One service on a database of its own."""

    service: Service
    pool: AsyncEngine
    transaction: Transaction

    async def take(self, *batch: ReceivedMessage[Message]) -> list[ReceivedMessage[Message]]:
        """Handle a batch in one transaction; return the events that it published."""
        await self.transaction.handle([each for each in batch if type(each.message) in self.service.subscriptions()])
        async with self.pool.begin() as connection:
            rows = sorted((await connection.execute(_OUTBOX)).all())
        return [self._published(row.routing_key, row.body) for row in rows]

    def _published(self, routing_key: str, body: bytes) -> ReceivedMessage[Message]:
        envelope = read(body, routing_key=routing_key)
        assert isinstance(envelope, Envelope)
        return ReceivedMessage(envelope, envelope.data, account_of(self.service.name))

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """Yield the statements that are executed while the block runs."""
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if statement != _OUTBOX.text:
                statements.append(" ".join(statement.split()))

        event.listen(self.pool.sync_engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(self.pool.sync_engine, "before_cursor_execute", note)


@pytest_asyncio.fixture
async def services(servers: Servers) -> AsyncIterator[dict[str, Work]]:
    """Yield the three services, each on a database of its own."""
    async with AsyncExitStack() as open_ones:
        found = {}
        for service in _SERVICES:
            pool = engine.engine(
                await open_ones.enter_async_context(migrated_database(servers, service)), service=service.name
            )
            open_ones.push_async_callback(pool.dispose)
            found[service.name] = Work(service, pool, Transaction(service, session_maker(pool)))
        yield found


@pytest.mark.parametrize("each", [1, 4], ids=["few messages", "many messages"])
async def test_a_batch_takes_few_statements_however_many_messages_and_rooms_it_has(
    services: dict[str, Work], each: int
) -> None:
    rooms = [a_room(capacity=1) for _ in range(6)]
    published = [_published(room) for room in rooms]
    for name in ("membership", "notifications"):
        await services[name].take(*published)
    for several in (2, each):  # at first one joins and one waits in each room
        taken: dict[str, list[str]] = {}
        with services["membership"].counting() as taken["membership"]:
            events = await _requests(services, rooms, each=several)
        for name in ("rooms", "notifications"):
            with services[name].counting() as taken[name]:
                await services[name].take(*events)
    assert {name: len(statements) for name, statements in taken.items()} == STATEMENTS, taken


def _published(room: Room) -> ReceivedMessage[Message]:
    return received(RoomPublished(room=room), sequence="1", subject=str(room.room_id), actor=room.host_id)


async def _requests(services: dict[str, Work], rooms: Sequence[Room], *, each: int) -> list[ReceivedMessage[Message]]:
    """Have people request to join every room, in turn and in one batch; return the events."""
    commands = [RequestToJoin(room_id=room.room_id, person_id=uuid4()) for _ in range(each) for room in rooms]
    return await services["membership"].take(*(received(command, actor=command.person_id) for command in commands))
