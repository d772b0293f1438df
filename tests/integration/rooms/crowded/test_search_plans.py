"""No query scans all rooms or their notes, whatever it asks for and however often."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession
from tests.integration.rooms.catalogue import NOW, Catalogue
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_contracts.rooms import NotesFound, RoomsFound, SearchRooms
from practio_rooms import queries

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(900)]

FILTERS: list[dict[str, Any]] = [
    {},
    {"format": "intervision"},
    {"mode": "online"},
    {"language": "de"},
    {"domain": "domain 7"},
    {"policy": "open"},
    {"sponsor": {"kind": "organisation"}},
    {"sponsor": {"name": "sponsor 7"}},
    {"with_free_seats": True},
    {"format": "intervision", "mode": "online"},
    {"language": "de", "with_free_seats": True},
    {"format": "intervision", "language": "cs", "policy": "open"},
    {"format": "intervision", "domain": "domain 8", "with_free_seats": True},
    {"sponsor": {"kind": "organisation", "name": "sponsor 7"}, "mode": "hybrid"},
    {"format": "peer-coaching", "mode": "hybrid", "language": "fr", "policy": "approval", "with_free_seats": True},
]
TEXTS: list[dict[str, Any]] = [
    {"text": "1234"},
    {"text": "room"},
    {"text": "peer coaching for nur"},
    {"text": '"peer coaching" -prison'},
    {"text": "bookbinding or fin"},
    {"text": "a"},
    {"text": "nowhere"},
    {"text": "读书会"},
    {"text": "PÉER coáching"},
    {"text": "peer", "language": "de"},
    {"text": "supervision", "format": "intervision", "with_free_seats": True},
    {"text": "supervision", "domain": "domain 9"},
]
ORDERS: list[dict[str, Any]] = [{"order": None}, {"order": "newest"}, {"order": "soonest"}]

Statement = tuple[str, tuple[Any, ...]]


def a_query(asked: dict[str, Any]) -> ReceivedMessage[Any]:
    return received(SearchRooms.model_validate(asked))


async def searched(crowded: Catalogue, asked: dict[str, Any]) -> tuple[RoomsFound, list[Statement]]:
    """Return a page, and the statements that were run for it."""
    with noted(crowded) as run:
        return await crowded.search(**asked), run


@contextmanager
def noted(crowded: Catalogue) -> Iterator[list[Statement]]:
    """Yield the list in which statements are recorded as they are run."""
    run: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        run.append((statement, tuple(values)))

    event.listen(crowded.pool.sync_engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(crowded.pool.sync_engine, "before_cursor_execute", note)


async def plan_of(crowded: Catalogue, statement: str, values: tuple[Any, ...]) -> str:
    async with crowded.pool.connect() as connection:
        return "\n".join((await connection.exec_driver_sql(f"EXPLAIN {statement}", values)).scalars())


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("asked", [*FILTERS, *TEXTS], ids=str)
async def test_every_page_has_an_index_behind_it(
    crowded: Catalogue, asked: dict[str, Any], order: dict[str, Any]
) -> None:
    first, run = await searched(crowded, asked | order)
    if first.after:
        run += (await searched(crowded, asked | order | {"after": first.after}))[1]
    await assert_no_full_scan(crowded, [each for each in run if " room" in each[0]])


async def assert_no_full_scan(crowded: Catalogue, run: list[Statement]) -> None:
    assert run
    for statement, values in run:
        plan = await plan_of(crowded, statement, values)
        assert "Index" in plan or "One-Time Filter: false" in plan, plan
        assert "Seq Scan" not in plan, plan


@pytest.mark.parametrize("asked", [{}, {"kind": "tool"}, {"text": "peer coach"}, {"text": "nowhere"}], ids=str)
async def test_every_page_of_notes_has_an_index_behind_it(crowded: Catalogue, asked: dict[str, Any]) -> None:
    [[room_id]] = await crowded.rows("SELECT room_id FROM note WHERE title = 'Note 1' LIMIT 1")
    [[host]] = await crowded.rows("SELECT snapshot ->> 'host_id' FROM room WHERE room_id = :room", room=room_id)
    with noted(crowded) as run:
        page = await crowded.notes(room_id, UUID(host), **asked)
        assert isinstance(page, NotesFound)
        if page.after:
            await crowded.notes(room_id, UUID(host), after=page.after, **asked)
    await assert_no_full_scan(crowded, [each for each in run if " note" in each[0] or " room" in each[0]])


async def test_a_room_is_shown_with_its_notes_by_indexes(crowded: Catalogue) -> None:
    [[room_id]] = await crowded.rows("SELECT room_id FROM note WHERE title = 'Note 1' LIMIT 1")
    with noted(crowded) as run:
        assert (await crowded.room_result(room_id, room_id)).notes
    await assert_no_full_scan(crowded, [each for each in run if " note" in each[0] or " room" in each[0]])


async def test_a_frequent_search_is_planned_on_its_own(crowded: Catalogue) -> None:
    async with crowded.pool.connect() as connection:
        for asked in [{"text": "room"}, {"language": "de"}] * 8:
            async with AsyncSession(connection) as session:
                await queries.search_rooms(a_query(asked), session, NOW)
        kept = await connection.execute(
            text("SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements WHERE statement LIKE :ours"),
            {"ours": "%SELECT room.%ORDER BY room.published_at%"},
        )
        generic, custom = kept.one()
    assert (generic, custom >= 16) == (0, True)
