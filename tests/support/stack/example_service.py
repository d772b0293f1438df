"""A service small enough to see through, on the chassis' own tables."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, MetaData, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_chassis.database.tables import ChassisTables, chassis_tables
from practio_chassis.handling.transaction import Transaction
from practio_chassis.people.personal_data import CHASSIS_PLACES, CHASSIS_TABLES_WITHOUT_PEOPLE, PersonalData
from practio_chassis.service import Service
from practio_contracts.answers import Refusal
from practio_contracts.envelope import Envelope
from practio_contracts.membership import FillSeats
from practio_contracts.message import Command, Message
from practio_contracts.people import PersonChanged
from practio_contracts.rooms import CreateRoom, Room, RoomDrafted, RoomPublished

M = TypeVar("M", bound=Message)

METADATA = MetaData()
CHASSIS_TABLES = chassis_tables(METADATA)
NOTED = Table("noted", METADATA, Column("text", Text, nullable=False))


@dataclass
class ExampleService:
    """A service with a database and the chassis' tables, and the record of what its handlers saw."""

    pool: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    chassis_tables: ChassisTables
    seen: list[tuple[str, bool]] = field(default_factory=list)
    fails_on: str = "a title that fails"

    def transaction(self) -> Transaction:
        """Return the service's transactions."""
        return Transaction(self.service(), self.sessions)

    def service(self) -> Service:
        """Return a service that drafts rooms, refuses some, fails on one, and notes people."""

        async def prepare(_session: AsyncSession, _messages: Sequence[ReceivedMessage[Any]], _now: datetime) -> None:
            return None

        async def create(command: ReceivedMessage[CreateRoom], context: MessageContext[None]) -> Done | Refusal:
            self.seen.append((command.message.title, True))
            if command.message.title == self.fails_on:
                raise LookupError(command.message.title)
            if command.message.title == "refused":
                return Refusal(code="id-taken", detail="choose another id")
            room_id = command.message.room_id
            title = command.message.title
            room = Room(room_id=room_id, version=1, status="draft", title=title, host_id=room_id, place="Rome")
            context.add_row(NOTED, {"text": title})
            context.publish(RoomDrafted(room=room), subject=room_id, sequence=1, internal_only=True)
            context.publish(RoomPublished(room=room), subject=room_id, sequence=2)
            context.set_timer(f"fill {room_id}", due_at=context.now, command=FillSeats(room_id=room_id))
            return Done(room)

        async def changed(event: ReceivedMessage[PersonChanged], context: MessageContext[None]) -> None:
            self.seen.append((event.message.display_name, event.newest))
            if event.newest:
                context.add_row(NOTED, {"text": event.message.display_name})

        return Service(
            name="rooms",
            metadata=METADATA,
            personal_data=PersonalData(places=CHASSIS_PLACES, without_people=CHASSIS_TABLES_WITHOUT_PEOPLE),
            migrations="",
            subjects_of=_subjects_of,
            prepare=prepare,
            commands={CreateRoom: create},
            events={PersonChanged: changed},
        )

    async def rows(self, statement: str) -> list[Any]:
        """Return the rows of a query."""
        async with self.pool.connect() as connection:
            return list((await connection.execute(text(statement))).all())


def _subjects_of(command: Command) -> Sequence[str]:
    """Return the room that is drafted, and its stewards."""
    if not isinstance(command, CreateRoom):
        return []
    return [str(each) for each in (command.room_id, *(command.steward_ids or ()))]


def received(message: M, *, account: str = "intranet", **attributes: Any) -> ReceivedMessage[M]:
    """Return a message as admission accepts it."""
    envelope = Envelope(
        **(
            {
                "id": uuid.uuid4(),
                "source": "urn:intranet",
                "type": message.type_name(),
                "time": "2026-03-01T18:00:00Z",
                "actor": uuid.uuid4(),
                "data": message,
            }
            | attributes
        )
    )
    return ReceivedMessage(envelope, message, account)
