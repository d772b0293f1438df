"""Searches in a catalogue of 100,000 rooms, beside the read of one row by its key through the same pool."""

import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from tests.support.clients.many_rooms import fill
from tests.support.stack.databases import migrated_database
from tests.support.stack.example_service import received
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_contracts.rooms import RoomsFound, SearchRooms
from practio_rooms import queries
from practio_rooms.app import SERVICE
from practio_rooms.tables import RoomRow

BASELINE, COMMON = "one row by its key", "a word in every room"

SEARCHES: dict[str, dict[str, Any]] = {
    "newest": {},
    "soonest": {"order": "soonest"},
    "format": {"format": "intervision"},
    "language, free seats": {"language": "de", "with_free_seats": True},
    "format, mode, language, policy": {
        "format": "intervision",
        "mode": "online",
        "language": "fr",
        "policy": "approval",
    },
    "domain": {"domain": "domain 7"},
    COMMON: {"text": "room"},
    "a word in some rooms": {"text": "bookbinding"},
    "a word in one room": {"text": "99123"},
    "words, the last one begun": {"text": "peer coaching for nur"},
    "words, newest first": {"text": "peer coaching", "order": "newest"},
    "a word and filters": {"text": "supervision", "format": "intervision", "with_free_seats": True},
}


@dataclass(frozen=True)
class Timing:
    """How long something took, in milliseconds."""

    p50_ms: float
    p99_ms: float


async def time_searches(servers: Servers, times: int, progress: Callable[[], None]) -> dict[str, Timing]:
    """Run each search, first pages and those that follow, and the baseline, ``times`` times in a random order."""
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name, patience=None)
        await fill(pool)
        sessions = engine.session_maker(pool)
        reads = await _reads(sessions)
        for read in reads.values():  # what each connection learns once is not of the measure
            await read()
        taken: dict[str, list[float]] = {name: [] for name in reads}
        order = [name for name in reads for _ in range(times)]
        random.Random(times).shuffle(order)
        for name in order:
            begun = time.perf_counter()
            await reads[name]()
            taken[name].append((time.perf_counter() - begun) * 1000)
            progress()
        await pool.dispose()
    return {
        name: Timing(statistics.median(each), statistics.quantiles(each, n=100)[98]) for name, each in taken.items()
    }


async def _reads(sessions: async_sessionmaker[AsyncSession]) -> dict[str, Callable[[], Awaitable[object]]]:
    async with sessions() as session:
        key = await session.scalar(select(RoomRow.room_id).limit(1))

    async def by_key() -> object:
        async with sessions() as session:
            return await session.scalar(select(RoomRow.snapshot).where(RoomRow.room_id == key))

    return {BASELINE: by_key, **{name: _paging(sessions, asked) for name, asked in SEARCHES.items()}}


def _paging(sessions: async_sessionmaker[AsyncSession], asked: dict[str, Any]) -> Callable[[], Awaitable[object]]:
    """Return the function that reads the next page each time, and the first one again after the last."""
    place: dict[str, str | None] = {"after": None}

    async def page() -> object:
        async with sessions() as session:
            query = received(SearchRooms.model_validate(asked | place))
            found = await queries.search_rooms(query, session, datetime.now(UTC))
        assert isinstance(found, RoomsFound)
        place["after"] = found.after
        return found

    return page
