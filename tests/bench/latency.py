"""How long a letter takes on an idle system: from the command that causes it until it is in the mail server.

A host approves a request; somebody leaves a room with a long waitlist, and the first person on it is offered the seat.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import asyncpg
from tests.bench.loads import actors_of, join_requests
from tests.bench.measure import Progress, measure
from tests.bench.rounds import DRAIN_SECONDS, drained, open_channel
from tests.support.clients.actions import ACCEPT, APPROVE, WITHDRAW, OpenRoom, a_published_room, does
from tests.support.clients.commands import about
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import OUTSIDE, RunningStack

WAITING = (2_000, 10_000)
APPROVED = "approved → letter"

_LOOK_SECONDS = 0.001
_KNOWN = "SELECT count(*) FROM notifications.standing WHERE room_id = $1::uuid"
_ADDRESSES = """
INSERT INTO notifications.contact (person_id, display_name, email, locale, time_zone)
SELECT person_id, 'Ada Moretti', person_id || '@example.org', 'en', 'Europe/Rome' FROM notifications.standing
ON CONFLICT DO NOTHING
"""


def offered(waiting: int) -> str:
    """Return the name of the measure of a seat that becomes free in a room with so many people on the waitlist."""
    return f"seat freed, {waiting:,} waiting → offer's letter"


@dataclass
class LatencyRound:
    """How long each letter took, in milliseconds, by measure."""

    taken_ms: dict[str, list[float]] = field(default_factory=dict)


async def a_round(stack: RunningStack, times: int, begin: Callable[[str, int], Progress]) -> LatencyRound:
    """Measure each letter ``times`` times, one after the other, in rooms of its own."""
    found = LatencyRound()
    people = await _people_of(stack, times, 0, "approval", begin)
    async with stack.outside() as outside:
        found.taken_ms[APPROVED] = await _approvals(stack, outside, people, begin(APPROVED, times))
    for waiting in WAITING:
        people = await _people_of(stack, 1 + waiting, 1, "open", begin)
        async with stack.outside() as outside:
            found.taken_ms[offered(waiting)] = await _offers(
                stack, outside, people, times, begin(offered(waiting), times)
            )
    return found


@dataclass(frozen=True)
class _People:
    """A room, and the people who requested to join it, in order; all of them have an address."""

    room: OpenRoom
    ids: list[str]


async def _people_of(
    stack: RunningStack, count: int, seats: int, policy: str, begin: Callable[[str, int], Progress]
) -> _People:
    """Let people ask to join a room with ``seats`` seats (0: one for each of them)."""
    async with stack.outside() as outside:
        room = await a_published_room(outside, capacity=seats or count, policy=policy)
    requests = join_requests(stack.outside(), [room.room_id], count)
    async with open_channel(stack.outside_url) as channel:
        events, progress = f"outside.{OUTSIDE}", begin("people ask to join", count)
        await measure(channel, exchange=COMMANDS, messages=requests, events=events, progress=progress)
    await _name_all(stack, room, count)
    return _People(room, actors_of(requests))


async def _name_all(stack: RunningStack, room: OpenRoom, count: int) -> None:
    """Store a name and an address for everybody in a room, once notifications knows them all."""
    database = await asyncpg.connect(stack.target.database_url, database=stack.target.database)

    async def all_known() -> bool:
        return bool(await database.fetchval(_KNOWN, room.room_id) == count)

    await eventually(all_known, within=DRAIN_SECONDS, message="notifications knows everybody", pause=0.5)
    await database.execute(_ADDRESSES)
    await database.execute("ANALYZE")
    await database.close()


async def _approvals(stack: RunningStack, outside: OutsideSystem, people: _People, progress: Progress) -> list[float]:
    taken = []
    for person in people.ids:
        command = outside.send(APPROVE, about(people.room.room_id, person), actor=people.room.host)
        taken.append(await _until_letter(stack, person, "joined", command))
        progress(1)
    return taken


async def _until_letter(stack: RunningStack, person: str, kind: str, command: Awaitable[object]) -> float:
    """Send a command, and return the milliseconds until its letter to a person arrived."""
    letters, before, address = stack.mailbox.letters, len(stack.mailbox.letters), f"{person}@example.org"

    def arrived() -> bool:
        return any(each.to == address and each.kind == kind for each in letters[before:])

    began = time.perf_counter()
    await command
    await eventually(arrived, within=30, pause=_LOOK_SECONDS, message=f"a letter {kind}")
    return (time.perf_counter() - began) * 1000


async def _offers(
    stack: RunningStack, outside: OutsideSystem, people: _People, times: int, progress: Progress
) -> list[float]:
    """Let one person after the other leave the only seat, and the next accept it."""
    taken = []
    for inside, first_waiting in zip(people.ids[:times], people.ids[1 : times + 1], strict=True):
        command = outside.send(WITHDRAW, about(people.room.room_id, inside), actor=inside)
        taken.append(await _until_letter(stack, first_waiting, "seat-offered", command))
        await does(outside, ACCEPT, people.room, first_waiting)
        await drained(stack)
        progress(1)
    return taken
