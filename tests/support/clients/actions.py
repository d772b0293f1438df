"""Actions that many tests begin with: a room that takes requests, people who request to join."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.clients.commands import Data, a_person, a_room, about, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually

AT_ONCE = 40

REQUEST = "membership.request-to-join.v1"
APPROVE = "membership.approve-request.v1"
WITHDRAW = "membership.withdraw.v1"
ACCEPT = "membership.accept-offer.v1"
FEEDBACK = "rooms.give-feedback.v1"


@dataclass(frozen=True)
class OpenRoom:
    """A published room that membership knows, and its host."""

    room_id: str
    host: str


async def a_published_room(outside: OutsideSystem, *, host: str | None = None, **fields: Any) -> OpenRoom:
    """Create and publish a room (fields of ``commands.a_room``), and wait until membership knows it."""
    room, host = a_room(**fields), host or new_id()
    await accepted(outside.send("rooms.create-room.v1", room, actor=host))
    await accepted(outside.send("rooms.publish-room.v1", {"room_id": room["room_id"]}, actor=host))
    opened = OpenRoom(room["room_id"], host)
    await eventually(lambda: is_known(outside, opened), within=30, message="membership knows the room")
    return opened


async def is_known(outside: OutsideSystem, room: OpenRoom) -> bool:
    """Return whether membership has received a room."""
    return bool((await roster_answer(outside, room)).get("result"))


async def roster_answer(outside: OutsideSystem, room: OpenRoom) -> Data:
    """Return the answer to the host's query for the roster."""
    return await outside.query("membership.get-roster.v1", {"room_id": room.room_id, "limit": 500}, actor=room.host)


async def roster(outside: OutsideSystem, room: OpenRoom) -> Data:
    """Return the roster: the people in the room and on its waitlist."""
    result: Data = (await roster_answer(outside, room))["result"]
    return result


async def accepted(answer: Any) -> Data:
    """Wait for an answer, check that it accepts, and return its state."""
    data: Data = await answer
    assert "state" in data, f"refused: {data}"
    state: Data = data["state"]
    return state


async def asks(outside: OutsideSystem, room: OpenRoom, person: str, **fields: Any) -> Data:
    """Let a person ask to join; return the answer's data."""
    return await outside.send(REQUEST, about(room.room_id, person, **fields), actor=person)


async def does(outside: OutsideSystem, command: str, room: OpenRoom, person: str, *, actor: str | None = None) -> Data:
    """Send a command about a person in a room, by default as the person; return the state that follows."""
    return await accepted(outside.send(command, about(room.room_id, person), actor=actor or person))


async def a_session_that_begins(outside: OutsideSystem, room: OpenRoom) -> str:
    """Plan a session of an hour that begins in two seconds; return its id once it has begun."""
    shown = (await outside.query("rooms.get-room.v1", {"room_id": room.room_id}, actor=room.host))["result"]["room"]
    begins = datetime.now(ZoneInfo(shown["time_zone"])).replace(microsecond=0) + timedelta(seconds=2)
    session = {"room_id": room.room_id, "session_id": new_id(), "starts_at": begins.replace(tzinfo=None).isoformat()}
    await accepted(outside.send("rooms.schedule-session.v1", session | {"duration_minutes": 60}, actor=room.host))
    await eventually(lambda: datetime.now(UTC) > begins, message="the session has begun")
    return session["session_id"]


async def a_known_person(outside: OutsideSystem, name: str = "Ada Moretti") -> str:
    """Register a person, wait until notifications knows their address, and return the id."""
    person = await outside.register(a_person(name))
    await eventually(lambda: has_contact(outside, person), within=60, message="notifications knows the person")
    return person


async def has_contact(outside: OutsideSystem, person: str) -> bool:
    """Return whether notifications has received a person's address."""
    question: Data = {"person_id": person, "tables": ["contact"], "limit": 1}
    answer = await outside.query("notifications.export-person.v1", question, actor=person)
    return bool(answer["result"]["rows"])
