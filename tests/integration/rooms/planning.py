"""Sessions and series as hosts plan them, and the rows in the tables afterwards."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, text
from tests.integration.rooms.catalogue import Catalogue
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import InternalCommand, Message
from practio_contracts.rooms import GetRoom, RoomResult, ScheduleSession
from practio_rooms import queries

PRIVATE = {"place", "meeting_url"}
"""The fields of a session that only the people in the room see."""


def local(days: float, *, hour: int = 18) -> str:
    """Return a wall-clock time in UTC so many days from now."""
    there = datetime.now(UTC) + timedelta(days=days)
    return there.replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None).isoformat()


def a_session(room_id: UUID, **fields: Any) -> ScheduleSession:
    stated = {"room_id": room_id, "session_id": uuid4(), "starts_at": local(7), "duration_minutes": 90}
    return ScheduleSession.model_validate(stated | fields)


def a_series(room_id: UUID, rrule: str = "FREQ=WEEKLY", **fields: Any) -> ScheduleSession:
    return a_session(room_id, recurrence={"rrule": rrule}, **fields)


def internal(command: InternalCommand) -> ReceivedMessage[Message]:
    """Return an internal command as received."""
    return received(command, actor=SYSTEM, account="practio-rooms", source="/practio/rooms")


async def a_published_room(catalogue: Catalogue, host: UUID, **fields: Any) -> UUID:
    [room_id] = await catalogue.publish(a_room(time_zone="UTC", **fields), host=host)
    return room_id


async def shown(catalogue: Catalogue, room_id: UUID, by: UUID) -> dict[str, Any]:
    """Query a room with its sessions, now."""
    query: ReceivedMessage[Any] = received(GetRoom(room_id=room_id), actor=by)
    async with session_maker(catalogue.pool)() as session:
        answer = await queries.get_room(query, session, datetime.now(UTC))
    assert isinstance(answer, RoomResult), answer
    return answer.model_dump(mode="json")


async def sessions(catalogue: Catalogue, room_id: UUID) -> Sequence[Row[Any]]:
    return await catalogue.rows("SELECT * FROM session WHERE room_id = :room_id ORDER BY starts_at", room_id=room_id)


async def timers(catalogue: Catalogue, about: UUID) -> dict[str, datetime]:
    """Return when the timers of a room, or of a series, are due."""
    found = await catalogue.rows("SELECT key, due_at FROM timer WHERE key LIKE :key", key=f"%{about}%")
    return {row.key.split(":")[0]: row.due_at for row in found}


async def change(catalogue: Catalogue, statement: str, **values: Any) -> None:
    """Change rows behind the service's back, for example as if time had passed."""
    async with catalogue.pool.begin() as connection:
        await connection.execute(text(statement), values)
