"""Rooms with people and sessions, and what people do with these; time is moved by moving the session."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue, a_membership, joined
from tests.integration.rooms.planning import a_session, change
from tests.support.clients.commands import a_room

from practio_contracts.membership import Membership
from practio_contracts.rooms import AnswerSession, CheckIn, GetSession, PlanSession, RecordAttendance, SessionResult

TRIAD: dict[str, Any] = {
    "format": "peer-coaching",
    "capacity": 3,
    "roles": [{"name": n, "seats": 1} for n in ("coach", "coachee", "observer")],
}


class Living:
    """A published room with people in it."""

    def __init__(self, catalogue: Catalogue, room_id: UUID, host: UUID, members: list[Membership]) -> None:
        self.catalogue, self.room_id, self.host, self.members = catalogue, room_id, host, members

    @property
    def people(self) -> list[UUID]:
        """Return who is in the room."""
        return [each.person_id for each in self.members]

    @classmethod
    async def with_people(cls, catalogue: Catalogue, count: int, **fields: Any) -> "Living":
        """Publish a room, and let people join."""
        host = uuid4()
        [room_id] = await catalogue.publish(a_room(time_zone="UTC", **fields), host=host)
        members = [a_membership(room_id, uuid4()) for _ in range(count)]
        await catalogue.handle(*(joined(each) for each in members))
        return cls(catalogue, room_id, host, members)

    async def session(self, **fields: Any) -> UUID:
        """Plan a session a week from now."""
        command = a_session(self.room_id, **fields)
        answer = await self.catalogue.send(command, self.host)
        assert answer.get("state"), answer
        return command.session_id

    async def begins_in(self, session_id: UUID, **span: float) -> None:
        """Let the session begin so long from now, as if time had passed, and the room be older than it."""
        shift = "starts_at = now() + :away, ends_at = now() + :away + interval '90 minutes'"
        values = {"session": session_id, "away": timedelta(**span)}
        await change(self.catalogue, f"UPDATE session SET {shift} WHERE session_id = :session", **values)
        same = "starts_at = s.starts_at, ends_at = s.ends_at FROM session AS s WHERE s.session_id = a.session_id"
        await change(self.catalogue, f"UPDATE session_answer AS a SET {same} AND a.session_id = :it", it=session_id)
        published = "jsonb_set(snapshot, '{published_at}', to_jsonb('2020-01-01T00:00:00Z'::text))"
        statement = (
            f"UPDATE room SET published_at = '2020-01-01T00:00:00Z', snapshot = {published} WHERE room_id = :room"
        )
        await change(self.catalogue, statement, room=self.room_id)

    async def answer(self, session_id: UUID, person: UUID, coming: str, by: UUID | None = None, **fields: Any) -> Any:
        """Answer a session."""
        about = {"room_id": self.room_id, "session_id": session_id, "person_id": person, "coming": coming}
        return await self.catalogue.send(AnswerSession.model_validate(about | fields), by or person)

    async def plan(self, session_id: UUID, by: UUID | None = None, **fields: Any) -> Any:
        """Plan a session."""
        about = {"room_id": self.room_id, "session_id": session_id}
        return await self.catalogue.send(PlanSession.model_validate(about | fields), by or self.host)

    async def record(self, session_id: UUID, by: UUID | None = None, **fields: Any) -> Any:
        """Record attendance."""
        about = {"room_id": self.room_id, "session_id": session_id}
        return await self.catalogue.send(RecordAttendance.model_validate(about | fields), by or self.host)

    async def check_in(self, session_id: UUID, person: UUID, by: UUID | None = None) -> Any:
        """Check in."""
        command = CheckIn(room_id=self.room_id, session_id=session_id, person_id=person)
        return await self.catalogue.send(command, by or person)

    async def shown(self, session_id: UUID, by: UUID | None = None) -> SessionResult:
        """Query a session."""
        answer = await self.asked(session_id, by or self.host)
        assert isinstance(answer, SessionResult), answer
        return answer

    async def asked(self, session_id: UUID, by: UUID) -> Any:
        """Query a session; return the result or the refusal."""
        query = GetSession(room_id=self.room_id, session_id=session_id)
        return await self.catalogue.ask(query, by, datetime.now(UTC))

    async def events(self, subject: UUID) -> list[str]:
        """Return the routing keys of the events about a session, without owner and version, in order."""
        return [row.routing_key.split(".")[1] for row in await self.catalogue.published(subject)]
