"""Large rooms on the real stack: what happens to thousands of people at once, and who waits for it meanwhile.

Lone wishes come to other rooms at a steady pace, in calm and while a large room is served.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
from aio_pika.abc import AbstractChannel
from tests.bench.held import Held, watching
from tests.bench.loads import REQUEST, join_requests, published_rooms
from tests.bench.lone import a_newcomer_asks, beside, lone_wishes
from tests.bench.measure import Progress, measure
from tests.bench.questions import ask_all
from tests.bench.rounds import drained, open_channel
from tests.bench.speaker import Speaker, speaking
from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import COMMANDS
from tests.support.clients.scenes import ACCEPT, OpenRoom, a_published_room
from tests.support.stack.running import OUTSIDE, Stack

SEATS, WAITING, PENDING = 10, 10_000, 5_000
MORE_SEATS, DECISIONS = 1_000, 500
OTHER_ROOMS, CALM_WISHES, ONE_BY_ONE = 50, 300, 100
FACTS = f"outside.{OUTSIDE}"

OFFERED, LAPSED = "membership.seat-offered.v1", "membership.offer-lapsed.v1"
JOINED, WAITLISTED, ENDED = "membership.joined.v1", "membership.waitlisted.v1", "membership.ended.v1"

_COUNT = "SELECT count(*) FROM membership.membership WHERE room_id = $1::uuid AND status = ANY($2)"
_RUN_OUT = """
WITH over AS (
    UPDATE membership.membership SET offer_expires_at = now() WHERE room_id = $1::uuid AND status = 'offered'
    RETURNING membership_id
)
UPDATE membership.timer SET due_at = now() FROM over WHERE key = 'offer:' || membership_id
"""


@dataclass(frozen=True)
class Served:
    """What one act upon a large room came to.

    ``seconds`` are from the command until the last of ``events`` events was heard outside; ``beside_ms`` are what lone
    wishes in other rooms waited for their answers meanwhile.
    """

    events: int
    held: Held
    seconds: float
    beside_ms: list[float]


@dataclass
class Round:
    """One round: each act, lone commands in calm, lone commands in the large room itself, questions (medians)."""

    calm_ms: list[float] = field(default_factory=list)
    wishes_ms: dict[str, list[float]] = field(default_factory=dict)
    questions_ms: dict[str, float] = field(default_factory=dict)
    acts: dict[str, Served] = field(default_factory=dict)


@dataclass(frozen=True)
class LargeRoom:
    """A room, and those who asked to join it, in order."""

    room_id: str
    host: str
    people: Sequence[str]


async def a_round(stack: Stack, begin: Callable[[str, int], Progress]) -> Round:
    """Measure everything once, in rooms of its own."""
    async with stack.outside() as outside:
        others = await published_rooms(outside, OTHER_ROOMS, capacity=10_000)
        line = await a_published_room(outside, capacity=SEATS, policy="open")
        pending = await a_published_room(outside, capacity=SEATS, policy="approval")
    database = await asyncpg.connect(stack.target.database_url, database=stack.target.database)
    async with open_channel(stack.outside_url) as channel:
        waiting = await _asked_by_many(stack, channel, line, SEATS + WAITING, begin)
        before_host = await _asked_by_many(stack, channel, pending, DECISIONS + PENDING, begin)
        async with speaking(channel, stack.outside(), FACTS) as speaker:
            scene = Scene(stack, speaker, database, others, Round())
            await scene.measure_line(waiting)
            await scene.measure_requests(before_host)
    await database.close()
    return scene.result


async def _asked_by_many(
    stack: Stack, channel: AbstractChannel, room: OpenRoom, count: int, begin: Callable[[str, int], Progress]
) -> LargeRoom:
    sayings = join_requests(stack.outside(), [room.room_id], count)
    progress = begin("people ask to join", count)
    await measure(channel, exchange=COMMANDS, sayings=sayings, events=FACTS, progress=progress)
    await drained(stack)
    return LargeRoom(room.room_id, room.host, [json.loads(each.message.body)["actor"] for each in sayings])


@dataclass(frozen=True)
class Scene:
    """A running stack with large rooms, and ``result``, which is filled on the way."""

    stack: Stack
    speaker: Speaker
    database: asyncpg.Connection
    others: Sequence[str]
    result: Round

    async def measure_line(self, room: LargeRoom) -> None:
        """Ask about a room with a long line, come to it, give it more seats, let offers run out, cancel it."""
        self.result.calm_ms += await lone_wishes(self.speaker, self.others, CALM_WISHES)
        url, last = self.stack.target.database_of("membership"), UUID(room.people[-1])
        self.result.questions_ms |= await ask_all(url, UUID(room.room_id), last)
        self.result.wishes_ms["somebody asks to join"] = [
            (await a_newcomer_asks(self.speaker, room.room_id)).seconds * 1000 for _ in range(ONE_BY_ONE)
        ]
        raised = {"room_id": room.room_id, "capacity": SEATS + MORE_SEATS}
        await self._act("seats added", room, "rooms.revise-room.v1", raised, [OFFERED], MORE_SEATS)
        offered = room.people[SEATS : SEATS + ONE_BY_ONE]
        self.result.wishes_ms["an offer is accepted"] = [
            (await self.speaker.send(ACCEPT, about(room.room_id, person), actor=person)).seconds * 1000
            for person in offered
        ]
        await self._offers_run_out(room)
        live = await self._count(room, "joined", "offered", "waitlisted")
        cancelled = {"room_id": room.room_id, "reason": "the host moved away"}
        await self._act("room cancelled", room, "rooms.cancel-room.v1", cancelled, [ENDED], live)

    async def measure_requests(self, room: LargeRoom) -> None:
        """Decide on many requests by one command, then open the room to all others who asked."""
        decisions = [{"person_id": person, "approve": True} for person in room.people[:DECISIONS]]
        decided = {"room_id": room.room_id, "decisions": decisions}
        came = [JOINED, WAITLISTED]
        await self._act("requests decided", room, "membership.decide-requests.v1", decided, came, DECISIONS)
        opened = {"room_id": room.room_id, "access": {"policy": "open"}}
        await self._act("room opened", room, "rooms.revise-room.v1", opened, came, PENDING)

    async def _offers_run_out(self, room: LargeRoom) -> None:
        """Let all offers be over at one instant, as those are that were made in a night; somebody comes just then."""
        over = await self._count(room, "offered")
        await self.database.execute(_RUN_OUT, room.room_id)
        person = new_id()
        asked = about(room.room_id, person)
        await self._act("offers over at once", room, REQUEST, asked, [LAPSED, OFFERED], 2 * over, actor=person)

    async def _act(
        self,
        name: str,
        room: LargeRoom,
        command: str,
        data: Data,
        events: Sequence[str],
        count: int,
        *,
        actor: str | None = None,
    ) -> None:
        """Send a command, by default the host's, and wait until ``count`` more of these events of the room arrived."""
        await drained(self.stack)
        wanted = count + sum(self.speaker.counts[event, room.room_id] for event in events)
        async with watching(self.database) as watch, beside(self.speaker, self.others) as answers:
            answer = await self.speaker.send(command, data, actor=actor or room.host)
            last_at = await self.speaker.received(events, room.room_id, count=wanted)
        meanwhile = [each.seconds * 1000 for each in answers if answer.said_at <= each.said_at <= last_at]
        held = await watch.of_room(room.room_id)
        self.result.acts[name] = Served(count, held, last_at - answer.said_at, meanwhile)

    async def _count(self, room: LargeRoom, *statuses: str) -> int:
        return int(await self.database.fetchval(_COUNT, room.room_id, statuses))
