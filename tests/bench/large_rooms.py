"""Large rooms on the real stack: what happens to thousands of people at once, and which other commands wait for it.

Single commands go to other rooms at a steady pace, without load and while a large room is served.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
from aio_pika.abc import AbstractChannel
from tests.bench.loads import REQUEST, actors_of, join_requests, published_rooms
from tests.bench.measure import Progress, measure
from tests.bench.measuring_client import MeasuringClient, measuring_client
from tests.bench.paced_requests import a_newcomer_asks, beside, paced_requests
from tests.bench.queries import time_queries
from tests.bench.rounds import bare_loop, drained, open_channel
from tests.bench.transactions import TransactionStats, watching
from tests.support.clients.actions import ACCEPT, OpenRoom, a_published_room
from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import COMMANDS
from tests.support.stack.logins import database_of
from tests.support.stack.running import OUTSIDE, RunningStack

SEATS, WAITING, PENDING = 10, 10_000, 5_000
MORE_SEATS, DECISIONS = 1_000, 500
OTHER_ROOMS, CALM_REQUESTS, ONE_BY_ONE = 50, 300, 100
EVENTS = f"outside.{OUTSIDE}"
CANCELLED = "room cancelled"

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
    """The measurements of one act on a large room.

    ``seconds`` are from the command until the last of ``events`` events was received outside; ``beside_ms`` are the
    times that single commands in other rooms waited for their answers meanwhile.
    """

    events: int
    held: TransactionStats
    seconds: float
    beside_ms: list[float]


@dataclass
class LargeRoomsRound:
    """One round: each act, single commands without load, single commands in the large room, queries (medians)."""

    calm_ms: list[float] = field(default_factory=list)
    commands_ms: dict[str, list[float]] = field(default_factory=dict)
    queries_ms: dict[str, float] = field(default_factory=dict)
    acts: dict[str, Served] = field(default_factory=dict)
    bare_seconds: float = 0.0
    """The seconds of the bare loop for as many events as the cancellation of the room has."""


@dataclass(frozen=True)
class LargeRoom:
    """A room, and the people who requested to join it, in order."""

    room_id: str
    host: str
    people: Sequence[str]


async def a_round(stack: RunningStack, folder: Path, begin: Callable[[str, int], Progress]) -> LargeRoomsRound:
    """Measure everything once, in rooms of its own."""
    async with stack.outside() as outside:
        others = await published_rooms(outside, OTHER_ROOMS, capacity=10_000)
        full = await a_published_room(outside, capacity=SEATS, policy="open")
        pending = await a_published_room(outside, capacity=SEATS, policy="approval")
    database = await asyncpg.connect(stack.target.database_url, database=stack.target.database)
    async with open_channel(stack.outside_url) as channel:
        waiting = await _asked_by_many(stack, channel, full, SEATS + WAITING, begin)
        before_host = await _asked_by_many(stack, channel, pending, DECISIONS + PENDING, begin)
        async with measuring_client(channel, stack.outside(), stack.outside_url, EVENTS) as client:
            scene = LargeRoomsScene(stack, client, database, others, LargeRoomsRound())
            await scene.measure_waitlist(waiting)
            await scene.measure_requests(before_host)
    await database.close()
    await drained(stack)
    events = scene.result.acts[CANCELLED].events
    scene.result.bare_seconds = (await bare_loop(stack, folder, events, begin("bare loop", events))).seconds
    return scene.result


async def _asked_by_many(
    stack: RunningStack, channel: AbstractChannel, room: OpenRoom, count: int, begin: Callable[[str, int], Progress]
) -> LargeRoom:
    messages = join_requests(stack.outside(), [room.room_id], count)
    progress = begin("people ask to join", count)
    await measure(channel, exchange=COMMANDS, messages=messages, events=EVENTS, progress=progress)
    await drained(stack)
    return LargeRoom(room.room_id, room.host, actors_of(messages))


@dataclass(frozen=True)
class LargeRoomsScene:
    """A running stack with large rooms, and ``result``, which is filled on the way."""

    stack: RunningStack
    client: MeasuringClient
    database: asyncpg.Connection
    others: Sequence[str]
    result: LargeRoomsRound

    async def measure_waitlist(self, room: LargeRoom) -> None:
        """Query a room with a long waitlist, join it, add seats, let offers run out, cancel it."""
        self.result.calm_ms += await paced_requests(self.client, self.others, CALM_REQUESTS)
        url, last = database_of(self.stack.target, "membership"), UUID(room.people[-1])
        self.result.queries_ms |= await time_queries(url, UUID(room.room_id), last)
        self.result.commands_ms["somebody asks to join"] = [
            (await a_newcomer_asks(self.client, room.room_id)).seconds * 1000 for _ in range(ONE_BY_ONE)
        ]
        raised = {"room_id": room.room_id, "capacity": SEATS + MORE_SEATS}
        await self._act("seats added", room, "rooms.revise-room.v1", raised, [OFFERED], MORE_SEATS)
        offered = room.people[SEATS : SEATS + ONE_BY_ONE]
        self.result.commands_ms["an offer is accepted"] = [
            (await self.client.send(ACCEPT, about(room.room_id, person), actor=person)).seconds * 1000
            for person in offered
        ]
        await self._offers_run_out(room)
        live = await self._count(room, "joined", "offered", "waitlisted")
        cancelled = {"room_id": room.room_id, "reason": "the host moved away"}
        await self._act(CANCELLED, room, "rooms.cancel-room.v1", cancelled, [ENDED], live)

    async def measure_requests(self, room: LargeRoom) -> None:
        """Decide on many requests by one command, then open the room to all other pending requests."""
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
        wanted = count + await self.client.count(events, room.room_id)
        async with watching(self.database) as watch, beside(self.client, self.others) as answers:
            answer = await self.client.send(command, data, actor=actor or room.host)
            last_at = await self.client.received(events, room.room_id, count=wanted)
        meanwhile = [each.seconds * 1000 for each in answers if answer.sent_at <= each.sent_at <= last_at]
        held = await watch.of_room(room.room_id)
        self.result.acts[name] = Served(count, held, last_at - answer.sent_at, meanwhile)

    async def _count(self, room: LargeRoom, *statuses: str) -> int:
        return int(await self.database.fetchval(_COUNT, room.room_id, statuses))
