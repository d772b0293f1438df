"""How long questions about a large room take, beside reading one row by its primary key through the same session.

They are asked of the service's own functions on the stack's database, as the service's own role: the broker would add
the same to each.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from tests.support.stack.handling import received

from practio_chassis.database import engine
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import Explain, GetMembership, GetRoster, Roster
from practio_contracts.message import Query
from practio_membership.app import SERVICE
from practio_membership.tables import RoomRow

TIMES = 30
BASELINE = "one row by its primary key"

Asking = Callable[[AsyncSession], Awaitable[object]]


async def ask_all(database_url: str, room_id: UUID, last_in_line: UUID) -> dict[str, float]:
    """Give the median milliseconds of each question about a room, by name; all are asked in turn, again and again."""
    pool = engine.engine(SecretStr(database_url), service="bench")
    sessions = engine.session_maker(pool)
    spent: dict[str, list[float]] = {}
    asked = await _asked(sessions, room_id, last_in_line)
    for _ in range(TIMES):
        for name, ask in asked.items():
            async with sessions() as session:
                await session.execute(select(func.clock_timestamp()))
                began = time.perf_counter()
                await ask(session)
                spent.setdefault(name, []).append((time.perf_counter() - began) * 1000)
    await pool.dispose()
    return {name: statistics.median(each) for name, each in spent.items()}


async def _asked(sessions: Callable[[], AsyncSession], room_id: UUID, last_in_line: UUID) -> dict[str, Asking]:
    about = {"room_id": room_id, "person_id": last_in_line}
    asked: dict[str, Asking] = {
        BASELINE: lambda session: session.get(RoomRow, room_id),
        "get-membership, last in line": _asking(GetMembership.model_validate(about)),
        "explain, last in line": _asking(Explain.model_validate(about)),
        "get-membership, a stranger": _asking(GetMembership(room_id=room_id, person_id=uuid4())),
    }
    for limit in (50, 500):
        cursors = await _cursors(sessions, room_id, limit)
        for place, after in {"first": None, "middle": cursors[len(cursors) // 2], "last": cursors[-1]}.items():
            asked[f"roster, {place} {limit}"] = _asking(GetRoster(room_id=room_id, limit=limit, after=after))
    return asked


async def _cursors(sessions: Callable[[], AsyncSession], room_id: UUID, limit: int) -> list[str]:
    """Give where each page but the last ended; turns the whole roster over."""
    cursors: list[str] = []
    async with sessions() as session:
        page = await _asking(GetRoster(room_id=room_id, limit=limit))(session)
        while isinstance(page, Roster) and page.after:
            cursors.append(page.after)
            page = await _asking(GetRoster(room_id=room_id, limit=limit, after=page.after))(session)
    return cursors


def _asking(question: Query) -> Asking:
    async def ask(session: AsyncSession) -> object:
        now = (await session.execute(select(func.clock_timestamp()))).scalar_one()
        return await SERVICE.queries[type(question)](received(question, actor=SYSTEM), session, now)

    return ask
