"""How long pages take, beside a page that asks nothing of the services, and one query without a page.

One reader opens them in a random order on a connection that stays open; the servers are on the same machine.
"""

import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from tests.bench.measure import Progress
from tests.bench.page_rooms import Scene
from tests.support.stack.running import Stack

from practio_contracts.client import Client
from practio_contracts.links import Link, Purpose
from practio_contracts.notifications import GetPreferences

BARE, QUERY = "a page that asks nothing", "one query, no page"

Open = Callable[[], Awaitable[object]]


@dataclass
class Round:
    """How long each page took, in milliseconds, and how many bytes it had."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def p50(self, name: str) -> float:
        """Return the median of a page."""
        return statistics.median(self.taken[name])

    def p95(self, name: str) -> float:
        """Return what 95 of 100 readers of a page wait at most."""
        return statistics.quantiles(self.taken[name], n=100)[94]


async def a_round(stack: Stack, scene: Scene, times: int, progress: Progress) -> Round:
    """Open each page ``times`` times."""
    found = Round()
    async with (
        httpx.AsyncClient(trust_env=False, timeout=60) as reader,
        Client.connect(stack.pages_broker_url, source="urn:practio:bench") as client,
    ):
        opened = {name: _page(reader, url, found, name) for name, url in addresses(stack, scene).items()}
        opened = {QUERY: _query(client, scene), **opened}
        for each in opened.values():  # what each process learns once is not of the measure
            await each()
        order = [name for name in opened for _ in range(times)]
        random.Random(times).shuffle(order)
        for name in order:
            began = time.perf_counter()
            await opened[name]()
            found.taken.setdefault(name, []).append((time.perf_counter() - began) * 1000)
            progress(1)
    return found


def addresses(stack: Stack, scene: Scene) -> dict[str, str]:
    """Return the address of each page by its name."""
    root = stack.pages_url

    def url(purpose: Purpose, person: str, room: str | None = None) -> str:
        return stack.links.url(Link(purpose, UUID(person), UUID(room) if room else None, None, "en", "Europe/Rome"))

    room = scene.room
    desk = url(Purpose.DESK, room.host, room.room_id)
    return {
        BARE: f"{root}/link",
        "desk": desk,
        "desk, people": f"{desk}/people",
        "desk, one person, in the room": f"{desk}/people/{scene.joined}",
        "desk, one person, last in line": f"{desk}/people/{scene.waiting}",
        "desk, appointing": f"{desk}/offices/appoint",
        "desk, sessions": f"{desk}/sessions",
        "desk, notes": f"{desk}/notes",
        "desk, report": f"{desk}/report",
        "desk, life": f"{desk}/life",
        "queue": url(Purpose.QUEUE, room.host, room.room_id),
        "way, in the room": url(Purpose.WAY, scene.joined, room.room_id),
        "way, last in line": url(Purpose.WAY, scene.waiting, room.room_id),
        "own rooms, of 500": url(Purpose.ROOMS, scene.person),
        "starting, with 500 rooms": url(Purpose.START, scene.person),
        "preferences, with 500 rooms": url(Purpose.PREFERENCES, scene.person),
        "search, newest": f"{root}/",
        "search, words": f"{root}/?text=peer+coaching+for+nur",
        "search, filters": f"{root}/?format=intervision&language=fr&free=1",
    }


def _page(reader: httpx.AsyncClient, url: str, found: Round, name: str) -> Open:
    async def page() -> None:
        answer = await reader.get(url)
        assert answer.status_code == httpx.codes.OK, f"{name}: {answer.status_code}"
        found.sizes[name] = len(answer.content)

    return page


def _query(client: Client, scene: Scene) -> Open:
    person = UUID(scene.person)

    async def query() -> None:
        answer = await client.ask(GetPreferences(person_id=person), actor=person)
        assert answer.result is not None, answer.code

    return query
