"""The data that feedback and reports need: sessions that are over, and people in a room."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from tests.integration.rooms.catalogue import Catalogue, a_membership, joined
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_contracts.answers import Refusal
from practio_contracts.rooms import GetFeedback, GetReport, GiveFeedback
from practio_rooms import queries

_SESSION = text(
    """
    INSERT INTO session (room_id, session_id, starts_at, ends_at, time_zone, status, revision, has_own_time, asked)
    SELECT :room_id, :session_id, begins, begins + interval '90 minutes', 'Europe/Rome', 'scheduled', 0, false, ''
    FROM (SELECT now() + :away AS begins) AS planned
    """
)


async def a_session(catalogue: Catalogue, room_id: UUID, *, hours: float = -3) -> UUID:
    """Insert a session that begins so many hours from now: no command can plan one into the past."""
    session_id = uuid4()
    values = {"room_id": room_id, "session_id": session_id, "away": timedelta(hours=hours)}
    async with catalogue.pool.begin() as connection:
        await connection.execute(_SESSION, values)
    return session_id


async def a_room_of(catalogue: Catalogue, *people: UUID, host: UUID | None = None) -> UUID:
    """Publish a room with people in it."""
    [room_id] = await catalogue.publish(a_room(), host=host or uuid4())
    if people:
        await catalogue.handle(*(joined(a_membership(room_id, person)) for person in people))
    return room_id


async def give(catalogue: Catalogue, room_id: UUID, session_id: UUID, by: UUID, **fields: Any) -> dict[str, Any]:
    """Return feedback; return the data of the answer."""
    return await catalogue.send(GiveFeedback(room_id=room_id, session_id=session_id, **{"useful": 4} | fields), by)


async def feedback(catalogue: Catalogue, room_id: UUID, by: UUID | str, session_id: UUID | None = None) -> Any:
    """Query feedback; return the result or the code of the refusal."""
    query: ReceivedMessage[Any] = received(GetFeedback(room_id=room_id, session_id=session_id), actor=by)
    async with session_maker(catalogue.pool)() as session:
        answer = await queries.get_feedback(query, session, await _now(catalogue))
    return answer.code if isinstance(answer, Refusal) else answer.model_dump(mode="json")


async def report(catalogue: Catalogue, room_id: UUID, by: UUID | str, **asked: str) -> Any:
    """Query a report; return the result or the code of the refusal."""
    query: ReceivedMessage[Any] = received(GetReport.model_validate({"room_id": room_id} | asked), actor=by)
    async with session_maker(catalogue.pool)() as session:
        answer = await queries.get_report(query, session, await _now(catalogue))
    return answer.code if isinstance(answer, Refusal) else answer.model_dump(mode="json", by_alias=True)


async def _now(catalogue: Catalogue) -> Any:
    [[now]] = await catalogue.rows("SELECT clock_timestamp()")
    return now
