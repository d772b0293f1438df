"""How long queries about a large room take, compared with reading one row by its primary key in the same session.

They call the service's own functions on the stack's database, with the service's own role: the broker would add
the same time to each.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from tests.support.stack.example_service import received

from practio_chassis.database import engine
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import Explain, GetMembership, GetRoster, Roster
from practio_contracts.message import Query
from practio_membership.app import SERVICE
from practio_membership.tables import RoomRow

TIMES = 30
BASELINE = "one row by its primary key"

Run = Callable[[AsyncSession], Awaitable[object]]


async def time_queries(database_url: str, room_id: UUID, last_waiting: UUID) -> dict[str, float]:
    """Return the median milliseconds of each query about a room, by name; all run in turn, again and again."""
    pool = engine.engine(SecretStr(database_url), service="bench")
    sessions = engine.session_maker(pool)
    spent: dict[str, list[float]] = {}
    timed = await _timed(sessions, room_id, last_waiting)
    for _ in range(TIMES):
        for name, run in timed.items():
            async with sessions() as session:
                await session.execute(select(func.clock_timestamp()))
                began = time.perf_counter()
                await run(session)
                spent.setdefault(name, []).append((time.perf_counter() - began) * 1000)
    await pool.dispose()
    return {name: statistics.median(each) for name, each in spent.items()}


async def _timed(sessions: Callable[[], AsyncSession], room_id: UUID, last_waiting: UUID) -> dict[str, Run]:
    about = {"room_id": room_id, "person_id": last_waiting}
    timed: dict[str, Run] = {
        BASELINE: lambda session: session.get(RoomRow, room_id),
        "get-membership, last on the waitlist": _run(GetMembership.model_validate(about)),
        "explain, last on the waitlist": _run(Explain.model_validate(about)),
        "get-membership, a stranger": _run(GetMembership(room_id=room_id, person_id=uuid4())),
    }
    for limit in (50, 500):
        cursors = await _cursors(sessions, room_id, limit)
        for place, after in {"first": None, "middle": cursors[len(cursors) // 2], "last": cursors[-1]}.items():
            timed[f"roster, {place} {limit}"] = _run(GetRoster(room_id=room_id, limit=limit, after=after))
    return timed


async def _cursors(sessions: Callable[[], AsyncSession], room_id: UUID, limit: int) -> list[str]:
    """Return the cursor after each page but the last; this reads the whole roster."""
    cursors: list[str] = []
    async with sessions() as session:
        page = await _run(GetRoster(room_id=room_id, limit=limit))(session)
        while isinstance(page, Roster) and page.after:
            cursors.append(page.after)
            page = await _run(GetRoster(room_id=room_id, limit=limit, after=page.after))(session)
    return cursors


def _run(query: Query) -> Run:
    async def run(session: AsyncSession) -> object:
        now = (await session.execute(select(func.clock_timestamp()))).scalar_one()
        return await SERVICE.queries[type(query)](received(query, actor=SYSTEM), session, now)

    return run
