"""What the measured pages show: a room with 10,000 people, a person with 500 rooms, and a large catalogue.

People come by commands, as they do in life. Their names, and the rooms of everybody else, PostgreSQL makes itself.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import asyncpg
from pydantic import SecretStr
from tests.bench.loads import AT_ONCE, join_requests
from tests.bench.measure import Progress, measure
from tests.bench.rounds import drained, open_channel
from tests.support.clients.actions import OpenRoom, a_published_room, accepted, asks
from tests.support.clients.commands import new_id
from tests.support.clients.many_rooms import MANY, fill
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.stack.running import OUTSIDE, RunningStack

from practio_chassis.database import engine

JOINED, WAITING, PENDING = 5_000, 3_000, 2_000
FORMER = 20
"""How many left the large room, were removed, and were invited in vain: twice as many as one page lists."""

RUN, IN, ASKED = 200, 200, 100
"""The rooms of one person: run by them, with a seat, with a request."""

Begin = Callable[[str, int], Progress]

_APPROVAL = {"policy": "approval", "waitlist": {"enabled": True}}
_CONTACTS = """
INSERT INTO notifications.contact (person_id, display_name, email, locale, time_zone)
SELECT person_id, 'Ada Moretti', person_id || '@example.org', 'en', 'Europe/Rome'
FROM (SELECT person_id FROM notifications.standing UNION SELECT unnest($1::uuid[])) AS people
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class PageRooms:
    """A large room with its session and some of its people (``waiting`` is the last), and a person with many."""

    room: OpenRoom
    session: str
    joined: str
    waiting: str
    person: str


async def a_scene(stack: RunningStack, begin: Begin) -> PageRooms:
    """Fill the stack."""
    room, session, inside = await _large_room(stack, begin)
    person = new_id()
    async with stack.outside() as outside:
        await _rooms_of(outside, person, begin("rooms of a person", RUN + IN + ASKED))
    await drained(stack)
    await _name_everybody(stack, [room.host, person])
    await _fill_catalogue(stack)
    return PageRooms(room, session, joined=inside[0], waiting=inside[-1], person=person)


async def _large_room(stack: RunningStack, begin: Begin) -> tuple[OpenRoom, str, list[str]]:
    """Return a room, its session, and the people in it and on its waitlist in order; others wait for a decision."""
    async with stack.outside() as outside:
        room = await a_published_room(outside, capacity=JOINED, policy="open")
        session = await _plan_session(outside, room)
    inside = await _ask_to_join(stack, room, JOINED + WAITING, begin)
    async with stack.outside() as outside:
        approval = {"room_id": room.room_id, "access": _APPROVAL}
        await accepted(outside.send("rooms.revise-room.v1", approval, actor=room.host))
    await drained(stack)
    await _ask_to_join(stack, room, PENDING, begin)
    async with stack.outside() as outside:
        await _some_leave(outside, room, inside[1 : 1 + 2 * FORMER])
    return room, session, inside


async def _some_leave(outside: OutsideSystem, room: OpenRoom, people: Sequence[str]) -> None:
    """Let half of these people leave, and remove the others, every second of them with a bar; more were invited."""
    for number, person in enumerate(people):
        about = {"room_id": room.room_id, "person_id": person}
        if number < FORMER:
            await accepted(outside.send("membership.withdraw.v1", about, actor=person))
            continue
        removed = about | {"reason": "has moved", "bar": number % 2 == 0}
        await accepted(outside.send("membership.remove.v1", removed, actor=room.host))
        invited = about | {"person_id": new_id()}
        await accepted(outside.send("membership.invite.v1", invited, actor=room.host))
        await accepted(outside.send("membership.revoke-invitation.v1", invited, actor=room.host))


async def _ask_to_join(stack: RunningStack, room: OpenRoom, count: int, begin: Begin) -> list[str]:
    """Let people request to join; return their ids in order."""
    messages = join_requests(stack.outside(), [room.room_id], count)
    async with open_channel(stack.outside_url) as channel:
        progress = begin("people ask to join", count)
        await measure(channel, exchange=COMMANDS, messages=messages, events=f"outside.{OUTSIDE}", progress=progress)
    await drained(stack)
    return [json.loads(each.message.body)["actor"] for each in messages]


async def _rooms_of(outside: OutsideSystem, person: str, progress: Progress) -> None:
    """Create rooms of each kind for a person, with a session in each."""

    async def run() -> None:
        await _plan_session(outside, await a_published_room(outside, host=person))

    async def join(policy: str) -> None:
        room = await a_published_room(outside, policy=policy)
        await _plan_session(outside, room)
        assert "state" in await asks(outside, room, person)

    making = [
        *(run() for _ in range(RUN)),
        *(join("open") for _ in range(IN)),
        *(join("approval") for _ in range(ASKED)),
    ]
    await _some_at_once(making, progress)


async def _some_at_once(making: Iterable[Awaitable[None]], progress: Progress) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(each: Awaitable[None]) -> None:
        async with limit:
            await each
            progress(1)

    await asyncio.gather(*(one(each) for each in making))


async def _plan_session(outside: OutsideSystem, room: OpenRoom) -> str:
    """Plan a session in a week; return its id."""
    starts_at = datetime.now(UTC).replace(microsecond=0, tzinfo=None) + timedelta(days=7)
    session = {
        "room_id": room.room_id,
        "session_id": new_id(),
        "starts_at": starts_at.isoformat(),
        "duration_minutes": 60,
    }
    await accepted(outside.send("rooms.schedule-session.v1", session, actor=room.host))
    return str(session["session_id"])


async def _name_everybody(stack: RunningStack, more: Sequence[str]) -> None:
    """Store a name and an address for everybody, once no letter is to be sent any more."""
    database = await asyncpg.connect(stack.target.database_url, database=stack.target.database)
    await database.execute(_CONTACTS, more)
    await database.execute("ANALYZE")
    await database.close()


async def _fill_catalogue(stack: RunningStack) -> None:
    """Publish the rooms of others, as the administrator: a service may make no temporary tables."""
    target = stack.target
    url = urlsplit(target.database_url)._replace(path=f"/{target.database}", query="search_path=rooms").geturl()
    pool = engine.engine(SecretStr(url), service="bench", patience=None)
    await fill(pool, many=MANY)
    await pool.dispose()
