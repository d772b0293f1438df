"""One room that this release cannot read, as there are after going back one release, stops no query and no month."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.fixing import a_room_since, come, fix_all, meet, months_ago, register, report, unfix
from tests.integration.rooms.planning import change
from tests.integration.rooms.test_own_rooms import own_rooms
from tests.support.clients.commands import a_room
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_rooms.app import SERVICE

FIRST, SECOND = months_ago(4), months_ago(3)


@pytest_asyncio.fixture
async def rooms(servers: Servers) -> AsyncIterator[Catalogue]:
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name)
        yield Catalogue(pool)
        await pool.dispose()


async def make_unreadable(catalogue: Catalogue, room_id: UUID) -> None:
    newer = 'UPDATE room SET snapshot = snapshot || \'{"mode": "by-telepathy"}\' WHERE room_id = :room'
    await change(catalogue, newer, room=room_id)


@pytest.mark.parametrize("place", [0, 1, 4])
@pytest.mark.parametrize("asked", [{}, {"order": "soonest"}, {"text": "juggling"}], ids=str)
async def test_a_search_leaves_out_a_room_that_cannot_be_read_and_pages_go_on(
    catalogue: Catalogue, asked: dict[str, Any], place: int
) -> None:
    domain = f"{uuid4().int}"
    same: dict[str, Any] = {"domain": domain, "purpose": "juggling", "time_zone": "UTC"}
    published = await catalogue.publish(*(a_room(**same) for _ in range(5)), host=uuid4())
    await make_unreadable(catalogue, published[place])
    for limit in (1, 2, 5):
        seen: list[UUID] = []
        after: str | None = None
        while True:
            page = await catalogue.search(domain=domain, limit=limit, after=after, **asked)
            seen += [room.room_id for room in page.rooms]
            if not (after := page.after):
                break
        assert sorted(seen) == sorted(set(published) - {published[place]})


async def test_a_person_s_own_rooms_leave_out_one_that_cannot_be_read_and_signs_that_are_not_known(
    catalogue: Catalogue,
) -> None:
    host = uuid4()
    unread, *others = await catalogue.publish(*(a_room() for _ in range(3)), host=host)
    await make_unreadable(catalogue, unread)
    unknown = (
        "INSERT INTO room_care (room_id, opened_at, look_at, signs) "
        "VALUES (:room, now(), now(), '{overgrown,no-host}') ON CONFLICT (room_id) DO UPDATE SET signs = excluded.signs"
    )
    await change(catalogue, unknown, room=others[0])
    seen = []
    after: str | None = None
    while True:
        page = await own_rooms(catalogue, host, limit=1, after=after)
        seen += page.rooms
        if not (after := page.after):
            break
    assert sorted(each.room.room_id for each in seen) == sorted(others)
    [signs] = [each.signs for each in seen if each.room.room_id == others[0]]
    assert signs == ["no-host"]


async def test_months_are_fixed_without_a_room_that_cannot_be_read(rooms: Catalogue) -> None:
    sponsor_id = await register(rooms)
    unread, usual = [await a_room_since(rooms, FIRST, sponsor_id) for _ in range(2)]
    for room_id in (unread, usual):
        people = [uuid4() for _ in range(6)]
        for person in people:
            await come(rooms, room_id, person, FIRST)
        await meet(rooms, room_id, FIRST, *people)
    await make_unreadable(rooms, unread)
    await fix_all(rooms)
    found = await report(rooms, sponsor_id=sponsor_id)
    assert {row.key: row.people for row in found.rows} == {str(usual): 6}


async def test_the_lots_of_a_room_that_cannot_be_read_stay_open(rooms: Catalogue) -> None:
    unread = await a_room_since(rooms, FIRST, await register(rooms))
    for person in [uuid4() for _ in range(6)]:
        await come(rooms, unread, person, FIRST)
    await fix_all(rooms)
    await unfix(rooms, SECOND)
    await change(rooms, "DELETE FROM room_month WHERE month >= :month", month=SECOND)
    await make_unreadable(rooms, unread)
    assert await fix_all(rooms)
    async with rooms.pool.begin() as connection:
        found = await connection.execute(
            text("SELECT last_month FROM lot WHERE kind = 'people' AND room_id IS NOT NULL")
        )
        assert {row.last_month for row in found} == {None}
