"""How long pages take, beside a page that asks nothing of the services, and one query without a page.

One reader opens them in a random order on a connection that stays open; the servers are on the same machine. The
processor time that the services use meanwhile is measured too: other work on the machine changes it less.
"""

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import httpx
import psutil
from tests.bench.measure import Progress
from tests.bench.page_rooms import PageRooms
from tests.support.stack.running import RunningStack

from practio_contracts.client import Client
from practio_contracts.links import Link, Purpose
from practio_contracts.notifications import GetPreferences

BARE, QUERY = "a page that asks nothing", "one query, no page"

Open = Callable[[], Awaitable[object]]


class Address(Protocol):
    """Returns the address of a page for a person."""

    def __call__(self, purpose: Purpose, person: str, room: str | None = None, session: str | None = None) -> str:
        """Return the address."""


@dataclass
class PagesRound:
    """How long each page took, and what processor time services and pages used for it (ms); how many bytes it had."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    worked: dict[str, list[float]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def p50(self, name: str) -> float:
        """Return the median of a page."""
        return statistics.median(self.taken[name])

    def work(self, name: str) -> float:
        """Return the mean of the processor time that services and pages used for a page; a system counts in ticks."""
        return statistics.fmean(self.worked[name])

    def p95(self, name: str) -> float:
        """Return what 95 of 100 readers of a page wait at most."""
        return statistics.quantiles(self.taken[name], n=100)[94]


async def a_round(stack: RunningStack, scene: PageRooms, times: int, progress: Progress) -> PagesRound:
    """Open each page ``times`` times."""
    found = PagesRound()
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
        processes = [psutil.Process(each.process.pid) for each in (*stack.services.values(), stack.pages)]
        for name in order:
            worked, began = _worked(processes), time.perf_counter()
            await opened[name]()
            found.taken.setdefault(name, []).append((time.perf_counter() - began) * 1000)
            found.worked.setdefault(name, []).append(_worked(processes) - worked)
            progress(1)
    return found


def _worked(processes: Sequence[psutil.Process]) -> float:
    """Return the processor time that these processes have used so far, in milliseconds."""
    return sum(sum(each.cpu_times()[:2]) for each in processes) * 1000


def addresses(stack: RunningStack, scene: PageRooms) -> dict[str, str]:
    """Return the address of each page by its name."""
    root = stack.pages_url

    def url(purpose: Purpose, person: str, room: str | None = None, session: str | None = None) -> str:
        ids = [UUID(each) if each else None for each in (room, session)]
        link = Link(purpose, UUID(person), ids[0], locale="en", time_zone="Europe/Rome", session_id=ids[1])
        return stack.links.url(link)

    return {BARE: f"{root}/link", **_of_offices(scene, url), **_of_people(scene, url), **_of_everybody(scene, root)}


def _of_offices(scene: PageRooms, url: Address) -> dict[str, str]:
    desk = url(Purpose.DESK, scene.room.host, scene.room.room_id)
    session = url(Purpose.SESSION, scene.room.host, scene.room.room_id, scene.session)
    return {
        "desk": desk,
        "desk, room": f"{desk}/room",
        "desk, people": f"{desk}/people",
        "desk, one person, in the room": f"{desk}/people/{scene.joined}",
        "desk, one person, last on the waitlist": f"{desk}/people/{scene.waiting}",
        "desk, removing a person": f"{desk}/people/{scene.joined}/remove",
        "desk, choosing a buddy": f"{desk}/people/{scene.joined}/buddy",
        "desk, inviting former people": f"{desk}/people/invite",
        "desk, offices": f"{desk}/offices",
        "desk, appointing": f"{desk}/offices/appoint",
        "desk, handing over": f"{desk}/offices/hand-over",
        "desk, sessions": f"{desk}/sessions",
        "desk, planning": f"{desk}/sessions/plan",
        "desk, moving a session": f"{desk}/sessions/{scene.session}/move",
        "session, of a host": session,
        "session, plan": f"{session}/plan",
        "desk, announcing": f"{desk}/announce",
        "desk, copying": f"{desk}/copy",
        "desk, a second room": f"{desk}/second-room",
        "desk, notes": f"{desk}/notes",
        "desk, a new note": f"{desk}/notes/new",
        "desk, report": f"{desk}/report",
        "desk, report as a file": f"{desk}/report.csv",
        "desk, feedback as a file": f"{desk}/feedback.csv",
        "desk, life": f"{desk}/life",
        "desk, closing": f"{desk}/life/close",
        "queue": url(Purpose.QUEUE, scene.room.host, scene.room.room_id),
    }


def _of_people(scene: PageRooms, url: Address) -> dict[str, str]:
    room, person = scene.room.room_id, scene.person
    start, me, rooms = url(Purpose.START, person), url(Purpose.ME, person), url(Purpose.ROOMS, person)
    return {
        "way, in the room": url(Purpose.WAY, scene.joined, room),
        "way, last on the waitlist": url(Purpose.WAY, scene.waiting, room),
        "session, of a participant": url(Purpose.SESSION, scene.joined, room, scene.session),
        "a concern": f"{url(Purpose.WAY, scene.joined, room)}/concern",
        "requesting to join": f"{url(Purpose.WAY, person, room)}/ask",
        "notes": url(Purpose.MEMORY, scene.joined, room),
        "own rooms, of 500": rooms,
        "own rooms, ended too": f"{rooms}?ended=1",
        "search, by a link": f"{rooms}/search",
        "starting, with 500 rooms": start,
        "starting, the form": f"{start}/room",
        "preferences, with 500 rooms": url(Purpose.PREFERENCES, person),
        "own data, of 500 rooms": f"{me}/data",
        "own data as a file": f"{me}/data.json",
        "leaving 500 rooms": f"{me}/leave",
        "calendar of 400 rooms": f"{url(Purpose.CALENDAR, person)}.ics",
    }


def _of_everybody(scene: PageRooms, root: str) -> dict[str, str]:
    return {
        "room": f"{root}/room/{scene.room.room_id}",
        "search, newest": f"{root}/",
        "search, words": f"{root}/?text=peer+coaching+for+nur",
        "search, filters": f"{root}/?format=intervision&language=fr&free=1",
    }


def _page(reader: httpx.AsyncClient, url: str, found: PagesRound, name: str) -> Open:
    async def page() -> None:
        answer = await reader.get(url)
        assert answer.status_code == httpx.codes.OK, f"{name}: {answer.status_code}"
        found.sizes[name] = len(answer.content)

    return page


def _query(client: Client, scene: PageRooms) -> Open:
    person = UUID(scene.person)

    async def query() -> None:
        answer = await client.ask(GetPreferences(person_id=person), actor=person)
        assert answer.result is not None, answer.code

    return query
