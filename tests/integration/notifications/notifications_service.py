"""The service on its own database and a real mail server, without a broker: its events and its letters."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.integration.notifications.mail_servers import MailServer
from tests.support.clients.commands import daytime_zone
from tests.support.eventually import eventually
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import a_membership, a_room

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running
from practio_contracts.membership import Membership, MembershipEvent, OccupancyChanged, Status
from practio_contracts.message import Message
from practio_contracts.people import PersonErased, PersonRegistered
from practio_contracts.rooms import Room, RoomReopened
from practio_notifications.app import SERVICE
from practio_notifications.delivery.sender import Sender
from practio_notifications.settings import Settings
from practio_notifications.tables import LetterRow


@dataclass
class NotificationsService:
    """Notifications at work on ``pool``, with ``settings`` besides the usual ones.

    ``wake`` is set after each batch, as the running service does. ``faults`` are those that its senders report.
    """

    pool: AsyncEngine
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    settings: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    async def receive(self, *batch: ReceivedMessage[Message]) -> None:
        """Handle events in one transaction."""
        await self._transaction().handle(batch)
        self.wake.set()

    async def send(self, command: ReceivedMessage[Message]) -> dict[str, Any]:
        """Handle a command; return the data of its answer."""
        [answer] = await self._transaction().handle([command])
        self.wake.set()
        assert answer is not None
        data: dict[str, Any] = json.loads(answer)["data"]
        return data

    async def receive_occupancy(self, event: OccupancyChanged, *, sequence: str) -> None:
        """Handle an event of how full a room is."""
        attributes = {"account": "practio-membership", "source": "/practio/membership"}
        await self.receive(received(event, subject=str(event.room_id), sequence=sequence, **attributes))

    def transaction(self) -> AbstractAsyncContextManager[MessageContext[None]]:
        """Return a transaction of work that no message caused, as the sender has it."""
        return self._transaction().background()

    @asynccontextmanager
    async def sending(self, server: MailServer, **settings: Any) -> AsyncIterator[asyncio.Task[None]]:
        """Send letters to ``server`` for as long as the context lasts, and retry at once if it refuses."""
        sender = asyncio.create_task(Sender(self._running(server, settings), self.wake).run())
        try:
            yield sender
        finally:
            sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender

    async def letters(self, person_id: UUID) -> list[LetterRow]:
        """Return the letters to a person, oldest first."""
        async with session_maker(self.pool)() as session:
            wanted = select(LetterRow).where(LetterRow.person_id == person_id).order_by(LetterRow.created_at)
            return list(await session.scalars(wanted))

    async def letter(self, person_id: UUID) -> LetterRow:
        """Return the one letter to a person."""
        [letter] = await self.letters(person_id)
        return letter

    async def settled(self, person_id: UUID, status: str, *, within: float = 15.0) -> LetterRow:
        """Wait until the one letter to a person has this status; return it."""

        async def found() -> LetterRow | None:
            letter = await self.letter(person_id)
            return letter if letter.status == status else None

        return await eventually(found, within=within, message=f"a letter that is {status}")

    async def letter_is(self, person_id: UUID, status: str) -> bool:
        """Return whether the one letter to a person has this status."""
        return (await self.letter(person_id)).status == status

    async def is_due_after(self, person_id: UUID, instant: datetime) -> bool:
        """Return whether the one letter to a person is to be looked at later than ``instant``."""
        due_at = (await self.letter(person_id)).due_at
        return due_at is not None and due_at > instant

    async def settled_all(self, person_id: UUID, expected: dict[str, str]) -> None:
        """Wait until the letters to a person have these statuses, by kind."""

        async def as_expected() -> bool:
            return {letter.kind: letter.status for letter in await self.letters(person_id)} == expected

        await eventually(as_expected, message=f"letters that are {expected}")

    async def published_events(self, letter_id: UUID) -> list[tuple[str, dict[str, Any]]]:
        """Return the events published about a letter, as routing key and data, in order."""
        rows = await self.rows("SELECT * FROM outbox WHERE subject = :subject ORDER BY id", subject=str(letter_id))
        return [(row.routing_key, json.loads(row.public)) for row in rows]

    async def rows(self, statement: str, **values: Any) -> Sequence[Row[Any]]:
        """Return the rows of a query."""
        async with self.pool.begin() as connection:
            return (await connection.execute(text(statement), values)).all()

    async def do(self, statement: str, **values: Any) -> None:
        """Change the database behind the service's back."""
        async with self.pool.begin() as connection:
            await connection.execute(text(statement), values)

    def _transaction(self) -> Transaction:
        return Transaction(SERVICE, session_maker(self.pool), self._settings())

    def _running(self, server: MailServer, settings: dict[str, Any]) -> Running:
        usual = self._settings(smtp_port=server.port, **settings)
        return Running(self._transaction().background, usual, faults=self.faults)

    def _settings(self, **settings: Any) -> Settings:
        usual: dict[str, Any] = {
            "broker_url": "amqp://practio-notifications:secret@broker/practio",
            "database_url": "postgresql://practio_notifications@database/practio",
            "smtp_host": "127.0.0.1",
            "smtp_security": "none",
            "mail_from": "Practio <practio@example.org>",
            "mail_retry_first": 0.02,
            "mail_retry_most": 0.1,
        }
        return Settings(**(usual | self.settings | settings))


def person_registered(person_id: UUID, *, sequence: int = 1, **fields: Any) -> ReceivedMessage[Message]:
    """Return the received event of a person, each with their own address."""
    whole = {
        "person_id": person_id,
        "display_name": "Ada Moretti",
        "email": f"{person_id}@example.org",
        "locale": "en",
        "time_zone": daytime_zone(),
    }
    event = PersonRegistered.model_validate(whole | fields)
    return received(event, subject=str(person_id), sequence=str(sequence))


def person_erased(person_id: UUID, *, sequence: int = 2) -> ReceivedMessage[Message]:
    """Return the received event of an erasure."""
    return received(PersonErased(person_id=person_id), subject=str(person_id), sequence=str(sequence))


def room_published(room: Room) -> ReceivedMessage[Message]:
    """Return a received event by which a published room is known; it causes no letter."""
    return received(
        RoomReopened(room=room),
        account="practio-rooms",
        source="/practio/rooms",
        subject=str(room.room_id),
        sequence=str(room.version),
    )


def membership_event(event: MembershipEvent, **attributes: Any) -> ReceivedMessage[Message]:
    """Return the received event of a membership; its version is the sequence."""
    membership = event.membership
    usual: dict[str, Any] = {
        "account": "practio-membership",
        "source": "/practio/membership",
        "subject": str(membership.membership_id),
        "sequence": str(membership.version),
        "correlationid": "the-first-cause",
    }
    return received(event, **(usual | attributes))


@dataclass(frozen=True)
class Applicant:
    """A person on the way into a room of its own, with a host."""

    room: Room
    person_id: UUID
    membership_id: UUID

    def membership(self, status: Status, **fields: Any) -> Membership:
        """Return the membership with its present status."""
        ids = {"membership_id": self.membership_id, "room_id": self.room.room_id, "person_id": self.person_id}
        return a_membership(status, **(ids | {"by": str(self.person_id)} | fields))


def an_applicant(**room: Any) -> Applicant:
    """Return a new person on the way into a new room with one host."""
    host = {"host_id": uuid4(), "facilitator_ids": [], "steward_ids": []}
    return Applicant(a_room(**(host | room)), uuid4(), uuid4())
