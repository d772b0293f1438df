"""Scenes that many tests begin with: a room that takes requests, a crowd that asks."""

from dataclasses import dataclass
from typing import Any

from tests.support.clients.commands import Data, a_person, a_room, about, new_id
from tests.support.clients.outside import Outside
from tests.support.eventually import eventually

AT_ONCE = 40

REQUEST = "membership.request-to-join.v1"
APPROVE = "membership.approve-request.v1"
WITHDRAW = "membership.withdraw.v1"
ACCEPT = "membership.accept-offer.v1"


@dataclass(frozen=True)
class OpenRoom:
    """A published room that membership knows, and its host."""

    room_id: str
    host: str


async def a_published_room(outside: Outside, *, host: str | None = None, **fields: Any) -> OpenRoom:
    """Create and publish a room (``wishes.a_room`` tells the fields), and wait until it can be asked about."""
    room, host = a_room(**fields), host or new_id()
    await accepted(outside.send("rooms.create-room.v1", room, actor=host))
    await accepted(outside.send("rooms.publish-room.v1", {"room_id": room["room_id"]}, actor=host))
    opened = OpenRoom(room["room_id"], host)
    await eventually(lambda: is_known(outside, opened), within=30, saying="membership knows the room")
    return opened


async def is_known(outside: Outside, room: OpenRoom) -> bool:
    """Say whether membership has heard of a room."""
    return bool((await roster_answer(outside, room)).get("result"))


async def roster_answer(outside: Outside, room: OpenRoom) -> Data:
    """Give the answer to the host's question who is in the room and who waits."""
    return await outside.ask("membership.get-roster.v1", {"room_id": room.room_id, "limit": 500}, actor=room.host)


async def roster(outside: Outside, room: OpenRoom) -> Data:
    """Give who is in the room and who waits."""
    result: Data = (await roster_answer(outside, room))["result"]
    return result


async def accepted(answer: Any) -> Data:
    """Wait for an answer, see that it accepts, and give the state that it tells."""
    told: Data = await answer
    assert "state" in told, f"refused: {told}"
    state: Data = told["state"]
    return state


async def asks(outside: Outside, room: OpenRoom, person: str, **fields: Any) -> Data:
    """Let a person ask to join; gives the answer's data."""
    return await outside.send(REQUEST, about(room.room_id, person, **fields), actor=person)


async def does(outside: Outside, command: str, room: OpenRoom, person: str, *, actor: str | None = None) -> Data:
    """Let somebody, by default the person, wish something about a person in a room; gives the state that follows."""
    return await accepted(outside.send(command, about(room.room_id, person), actor=actor or person))


async def a_known_person(outside: Outside, name: str = "Ada Moretti") -> str:
    """Register a person who can get letters; gives the id."""
    return await outside.register(a_person(name))
