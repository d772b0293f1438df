"""The service on a real database, without a broker: handling messages, reading the outbox."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    Ended,
    Joined,
    Membership,
    MembershipEvent,
    OccupancyChanged,
    RoleOccupancy,
    Status,
    Withdrawn,
)
from practio_contracts.message import Message, Query
from practio_contracts.rooms import (
    CreateRoom,
    GetRoom,
    ListNotes,
    NotesFound,
    PublishRoom,
    RoomResult,
    RoomsFound,
    SearchRooms,
)
from practio_rooms import queries
from practio_rooms.app import SERVICE

NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
_VERSIONS = count(3)


@dataclass(frozen=True)
class Catalogue:
    """Rooms on a database of its own."""

    pool: AsyncEngine

    async def handle(self, *batch: ReceivedMessage[Message]) -> list[dict[str, Any]]:
        """Handle messages in one transaction; return the answers, empty for events."""
        answers = await Transaction(SERVICE, session_maker(self.pool)).handle(batch)
        return [json.loads(answer) if answer else {} for answer in answers]

    async def send(self, message: Message, by: UUID) -> dict[str, Any]:
        """Handle one command; return the data of its answer."""
        [answer] = await self.handle(received(message, actor=by))
        data: dict[str, Any] = answer["data"]
        return data

    async def publish(self, *rooms: dict[str, Any], host: UUID) -> list[UUID]:
        """Create and publish rooms, one after the other in one transaction; return their ids."""
        commands = [CreateRoom.model_validate(room) for room in rooms]
        created = [received(command, actor=host) for command in commands]
        published = [received(PublishRoom(room_id=command.room_id), actor=host) for command in commands]
        answers = await self.handle(*created, *published)
        assert all(answer["type"] == "practio.rooms.command-accepted.v1" for answer in answers), answers
        return [command.room_id for command in commands]

    async def get(self, room_id: UUID, by: UUID) -> dict[str, Any] | str:
        """Query a room; return it or the code of the refusal."""
        answer = await self._query_room(room_id, by)
        return answer.code if isinstance(answer, Refusal) else answer.model_dump(mode="json")["room"]

    async def room_result(self, room_id: UUID, by: UUID) -> RoomResult:
        """Query a room; return the whole result."""
        answer = await self._query_room(room_id, by)
        assert isinstance(answer, RoomResult), answer
        return answer

    async def _query_room(self, room_id: UUID, by: UUID) -> RoomResult | Refusal:
        query: ReceivedMessage[Any] = received(GetRoom(room_id=room_id), actor=by)
        async with session_maker(self.pool)() as session:
            return await queries.get_room(query, session, NOW)

    async def search(self, **asked: Any) -> RoomsFound:
        """Query a page of rooms."""
        answer = await self.searched(**asked)
        assert isinstance(answer, RoomsFound), answer
        return answer

    async def searched(self, **asked: Any) -> RoomsFound | Refusal:
        """Query a page of rooms; return the result or the refusal."""
        query: ReceivedMessage[Any] = received(SearchRooms.model_validate(asked))
        async with session_maker(self.pool)() as session:
            return await queries.search_rooms(query, session, NOW)

    async def notes(self, room_id: UUID, by: UUID | str, **asked: Any) -> NotesFound | Refusal:
        """Query a page of a room's notes."""
        query: ReceivedMessage[Any] = received(ListNotes.model_validate({"room_id": room_id, **asked}), actor=by)
        async with session_maker(self.pool)() as session:
            return await queries.list_notes(query, session, NOW)

    async def ask(self, query: Query, by: UUID | str, now: datetime = NOW) -> Any:
        """Send any query; return the result or the refusal."""
        async with session_maker(self.pool)() as session:
            return await SERVICE.queries[type(query)](received(query, actor=by), session, now)

    async def rows(self, statement: str, **values: Any) -> Sequence[Row[Any]]:
        """Return the rows of a query."""
        async with self.pool.connect() as connection:
            return (await connection.execute(text(statement), values)).all()

    async def published(self, room_id: UUID) -> list[Row[Any]]:
        """Return the published messages about a room, in order."""
        found = await self.rows(
            "SELECT routing_key, internal, public FROM outbox WHERE subject = :subject ORDER BY id",
            subject=str(room_id),
        )
        return list(found)


def occupancy(
    room_id: UUID,
    *,
    taken: int,
    held: int = 0,
    waiting: int = 0,
    sequence: int = 1,
    pending: int = 0,
    roles: Mapping[str, int] | None = None,
    seats: int | None = None,
) -> ReceivedMessage[Message]:
    """Return the event on the occupancy of a room of three seats, with the people in each of its ``roles``.

    Each role has ``seats``, by default as many as the room.
    """
    by_role = {name: RoleOccupancy(seats=seats, taken=people, held=0) for name, people in (roles or {}).items()}
    event = OccupancyChanged(
        room_id=room_id,
        capacity=3,
        seats_taken=taken,
        seats_held=held,
        waiting=waiting,
        pending=pending,
        by_role=by_role,
    )
    return _of_membership(event, subject=room_id, sequence=sequence)


def joined(membership: Membership) -> ReceivedMessage[Message]:
    """Return the event that a person joined a room."""
    return _of_membership(
        Joined(membership=membership, how="open"), subject=membership.membership_id, sequence=membership.version
    )


def withdrawn(membership: Membership) -> ReceivedMessage[Message]:
    """Return the event that the person left the room, one version later."""
    left = membership.model_copy(update={"status": Status.WITHDRAWN, "version": membership.version + 1})
    return _of_membership(
        Withdrawn(membership=left, from_status=Status.JOINED), subject=left.membership_id, sequence=left.version
    )


def ended(membership: Membership) -> ReceivedMessage[Message]:
    """Return the event that the membership ended with the room, one version later."""
    over = membership.model_copy(update={"status": Status.ENDED, "version": membership.version + 1})
    return _of_membership(Ended(membership=over), subject=over.membership_id, sequence=over.version)


def became(
    membership: Membership, kind: type[MembershipEvent], status: Status, **more: Any
) -> ReceivedMessage[Message]:
    """Return the event that the membership has another status now."""
    after = membership.model_copy(update={"status": status, "version": next(_VERSIONS)})
    return _of_membership(kind(membership=after, **more), subject=after.membership_id, sequence=after.version)


def a_membership(room_id: UUID, person_id: UUID) -> Membership:
    """Return the received event that a person joined a room."""
    return Membership(
        membership_id=uuid4(),
        room_id=room_id,
        person_id=person_id,
        status=Status.JOINED,
        since=NOW,
        by=str(person_id),
        version=2,
    )


def _of_membership(event: Message, *, subject: UUID, sequence: int) -> ReceivedMessage[Message]:
    return received(
        event,
        account="practio-membership",
        source="/practio/membership",
        subject=str(subject),
        sequence=str(sequence),
        actor=None,
    )
