"""The service on a real database, without a broker: the messages that it handles, answers and publishes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.support.stack.example_service import received
from tests.unit.membership.builders import a_room

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import RequestToJoin
from practio_contracts.message import InternalCommand, Message, Query
from practio_contracts.rooms import Room, RoomEvent, RoomPublished
from practio_membership.app import SERVICE

Data = dict[str, Any]


@dataclass(frozen=True)
class MembershipService:
    """Rooms and people on a database of its own."""

    pool: AsyncEngine

    @property
    def transaction(self) -> Transaction:
        """Return the service's transactions."""
        return Transaction(SERVICE, session_maker(self.pool))

    async def take(self, *batch: ReceivedMessage[Message]) -> list[Data]:
        """Handle messages in one transaction; return the answers, empty for events."""
        answers = await self.transaction.handle(batch)
        return [json.loads(answer) if answer else {} for answer in answers]

    async def send(self, message: Message, by: UUID | str) -> Data:
        """Handle one command; return the data of its answer."""
        [answer] = await self.take(received(message, actor=by))
        data: Data = answer["data"]
        return data

    async def publish(self, room: Room | None = None, **fields: Any) -> Room:
        """Handle the event of a published room."""
        room = room or a_room(**fields)
        await self.take(of_room(RoomPublished(room=room)))
        return room

    async def join(self, room: Room, *persons: UUID, **fields: Any) -> list[Data]:
        """Have people ask to join, in one transaction; return the data of the answers."""
        commands = [RequestToJoin(room_id=room.room_id, person_id=person, **fields) for person in persons]
        answers = await self.take(*(received(command, actor=command.person_id) for command in commands))
        return [answer["data"] for answer in answers]

    async def query(self, query: Query, by: UUID | str) -> BaseModel | Refusal:
        """Ask, and return the answer."""
        async with session_maker(self.pool)() as session:
            now = (await session.execute(select(func.clock_timestamp()))).scalar_one()
            return await SERVICE.queries[type(query)](received(query, actor=by), session, now)

    async def rows(self, statement: str, **values: Any) -> Sequence[Row[Any]]:
        """Return the rows of a query."""
        async with self.pool.connect() as connection:
            return (await connection.execute(text(statement), values)).all()

    async def change(self, statement: str, **values: Any) -> None:
        """Change rows behind the service's back."""
        async with self.pool.begin() as connection:
            await connection.execute(text(statement), values)

    async def statuses(self, room: Room) -> dict[UUID, str]:
        """Return everybody's status, in waitlist order."""
        query = "SELECT person_id, status FROM membership WHERE room_id = :room ORDER BY priority DESC, number"
        return {row.person_id: row.status for row in await self.rows(query, room=room.room_id)}

    async def events(self, room: Room) -> list[tuple[str, Data]]:
        """Return the events published about a room and its people, in order: name and data, private fields included."""
        rows = await self.rows("SELECT routing_key, coalesce(internal, public) AS body FROM outbox ORDER BY id")
        published = [(row.routing_key, json.loads(row.body)["data"]) for row in rows]
        return [(key.split(".")[1], data) for key, data in published if _room_of(data) == str(room.room_id)]

    async def offers_run_out(self, room: Room) -> None:
        """Let the time of all offers of a room be over."""
        await self.change(
            "UPDATE membership SET offer_expires_at = now() - interval '1 second' "
            "WHERE room_id = :room AND status = 'offered'",
            room=room.room_id,
        )


def _room_of(data: Data) -> str | None:
    found: str | None = (data.get("membership") or data).get("room_id")
    return found


def of_room(event: RoomEvent, by: UUID | None = None) -> ReceivedMessage[Message]:
    """Return a received event of rooms, numbered by the version of the room."""
    return received(
        event,
        account="practio-rooms",
        source="/practio/rooms",
        subject=str(event.room.room_id),
        sequence=str(event.room.version),
        actor=by or event.room.host_id,
    )


def of_ourselves(command: InternalCommand) -> ReceivedMessage[Message]:
    """Return a received internal command."""
    return received(command, account="practio-membership", source="/practio/membership", actor=SYSTEM)


def people(count: int) -> list[UUID]:
    """Return the ids of so many new people."""
    return [uuid4() for _ in range(count)]
