"""Reports over many rooms, on a database of their own: months are fixed for all rooms at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.fixing import (
    THIS_MONTH,
    a_note,
    a_room_since,
    asked,
    come,
    fix_all,
    meet,
    months_ago,
    register,
    report,
    unfix,
)
from tests.integration.rooms.past_sessions import report as own_report
from tests.integration.rooms.planning import change
from tests.support.eventually import eventually
from tests.support.seeds import a_chance
from tests.support.stack.databases import migrated_database
from tests.support.stack.example_service import received
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_chassis.handling.paging import write_cursor
from practio_contracts.envelope import SYSTEM
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Format, RoomsReport
from practio_rooms.app import SERVICE
from practio_rooms.domain.lots import month_after
from practio_rooms.store import lots as stored

FIRST, SECOND, THIRD = (months_ago(number) for number in (4, 3, 2))
"""Months that are due, with a month after them that is too, whatever day it is."""


@pytest_asyncio.fixture
async def rooms(servers: Servers) -> AsyncIterator[Catalogue]:
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name)
        yield Catalogue(pool)
        await pool.dispose()


def last_day(month: date) -> date:
    return date.fromordinal(month_after(month).toordinal() - 1)


async def test_totals_equal_the_sum_of_the_rooms_reports(rooms: Catalogue) -> None:
    chance = a_chance()
    sponsor_id = await register(rooms, uuid4())
    room_ids = [await a_room_since(rooms, FIRST, sponsor_id) for _ in range(6)]
    for room_id in room_ids:
        people = [uuid4() for _ in range(chance.randrange(4, 9))]
        for person in people:
            await come(rooms, room_id, person, FIRST, waited=True)
        for month in (FIRST, SECOND, THIRD):
            for day in (10, 20):
                await meet(rooms, room_id, month, *people, day=day)
    await fix_all(rooms)
    for since, until in ((None, None), (FIRST, SECOND), (SECOND, SECOND), (FIRST, THIRD)):
        period = {"from": str(since), "to": str(last_day(until))} if since and until else {}
        found = await report(rooms, sponsor_id=sponsor_id, **period)
        each = [await own_report(rooms, room_id, SYSTEM, **period) for room_id in room_ids]
        assert found.total.sessions_held == sum(one["sessions_held"] for one in each)
        assert found.total.people == sum(one["people_served"] for one in each)
        assert found.total.attended == sum(one["attended"] for one in each)
        assert (found.total.waiting or 0) == sum(one["waiting"]["people"] for one in each)
        assert found.total.notes == sum(sum(one["notes"].values()) for one in each)
        assert found.total.feedback.answers == sum(one["feedback"]["answers"] for one in each)
        assert {row.key: row.people for row in found.rows} == {one["room_id"]: one["people_served"] for one in each}


async def test_few_people_are_null_in_their_room_and_count_together_for_the_sponsor(rooms: Catalogue) -> None:
    sponsor_id = await register(rooms)
    small = [await a_room_since(rooms, FIRST, sponsor_id) for _ in range(2)]
    for room_id in small:
        people = [uuid4(), uuid4()]
        for person in people:
            await come(rooms, room_id, person, FIRST)
        await meet(rooms, room_id, FIRST, *people)
    await fix_all(rooms)
    found = await report(rooms, sponsor_id=sponsor_id)
    assert [(row.people, row.attended, row.sessions_held) for row in found.rows] == [(None, None, 1)] * 2
    assert (found.total.people, found.total.attended) == (4, 4)
    by_month = await report(rooms, sponsor_id=sponsor_id, by="month")
    assert [(row.people, row.attended) for row in by_month.rows][:2] == [(4, 4), (4, None)]
    of_rooms = await report(rooms, room_ids=[str(each) for each in small])
    assert (of_rooms.total.people, of_rooms.total.attended, of_rooms.total.sessions_held) == (None, None, 2)


async def test_who_may_ask(rooms: Catalogue) -> None:
    delegate, steward, stranger = uuid4(), uuid4(), uuid4()
    sponsor_id = await register(rooms, delegate)
    room_id = await a_room_since(rooms, FIRST, sponsor_id, steward_ids=[str(steward)])
    other = await a_room_since(rooms, FIRST)
    await fix_all(rooms)
    assert isinstance(await asked(rooms, delegate, sponsor_id=sponsor_id), RoomsReport)
    assert isinstance(await asked(rooms, steward, steward_id=steward), RoomsReport)
    assert isinstance(await asked(rooms, steward, room_ids=[room_id]), RoomsReport)
    assert [row.key for row in (await report(rooms, steward, steward_id=steward)).rows] == [str(room_id)]
    assert await asked(rooms, steward, sponsor_id=sponsor_id) == "not-allowed"
    assert await asked(rooms, delegate, room_ids=[room_id]) == "not-allowed"
    assert await asked(rooms, steward, room_ids=[room_id, other]) == "not-allowed"
    assert await asked(rooms, stranger, steward_id=steward) == "not-allowed"
    assert await asked(rooms, delegate, sponsor_id=uuid4()) == "sponsor-unknown"
    assert await asked(rooms, steward, room_ids=[room_id, uuid4()]) == "room-unknown"
    for fields in ({}, {"sponsor_id": sponsor_id, "steward_id": steward}, {"sponsor_id": sponsor_id, "after": "x"}):
        assert await asked(rooms, SYSTEM, **fields) == "invalid"
    period = {"from": "2026-02-02", "to": "2026-02-01"}
    assert await asked(rooms, SYSTEM, sponsor_id=sponsor_id, **period) == "invalid"
    await rooms.handle(received(PersonErased(person_id=delegate), subject=str(delegate), sequence="9", actor=None))
    assert await asked(rooms, delegate, sponsor_id=sponsor_id) == "not-allowed"


async def test_pages_have_each_row_once_and_one_total(rooms: Catalogue) -> None:
    sponsor_id = await register(rooms)
    formats = [{}, {"format": "method-practice", "capacity": 8}]
    room_ids = [await a_room_since(rooms, FIRST, sponsor_id, **formats[number % 2]) for number in range(7)]
    for room_id in room_ids:
        for _ in range(4):
            await come(rooms, room_id, uuid4(), SECOND)
    fixed = await fix_all(rooms)
    for by, keys in (
        ("room", sorted(map(str, room_ids))),
        ("month", [f"{month:%Y-%m}" for month in fixed]),
        ("format", sorted([Format.INTERVISION, Format.METHOD_PRACTICE])),
    ):
        whole = await report(rooms, sponsor_id=sponsor_id, by=by)
        assert [row.key for row in whole.rows] == keys
        seen, after = [], None
        while True:
            page = await report(rooms, sponsor_id=sponsor_id, by=by, limit=2, after=after)
            assert page.total == whole.total
            seen += page.rows
            if not (after := page.after):
                break
        assert seen == whole.rows
    assert whole.total.people == 28
    other = await report(rooms, sponsor_id=sponsor_id, by="room", limit=2)
    assert await asked(rooms, sponsor_id=sponsor_id, by="month", after=other.after) == "invalid"


async def test_what_is_fixed_never_changes(rooms: Catalogue) -> None:
    sponsor_id = await register(rooms)
    room_id = await a_room_since(rooms, FIRST, sponsor_id)
    people = [uuid4() for _ in range(5)]
    for person in people:
        await come(rooms, room_id, person, FIRST)
    await meet(rooms, room_id, FIRST, *people)
    await fix_all(rooms)
    before = await report(rooms, sponsor_id=sponsor_id, by="month")
    for person in people[:3]:
        await rooms.handle(received(PersonErased(person_id=person), subject=str(person), sequence="9", actor=None))
    await come(rooms, room_id, uuid4(), THIRD)
    await meet(rooms, room_id, SECOND, *(uuid4() for _ in range(6)))
    await fix_all(rooms)
    assert await report(rooms, sponsor_id=sponsor_id, by="month") == before


async def test_attendance_that_is_recorded_late_counts_in_the_next_month(rooms: Catalogue) -> None:
    sponsor_id = await register(rooms)
    room_id = await a_room_since(rooms, FIRST, sponsor_id)
    await fix_all(rooms)
    await meet(rooms, room_id, FIRST, *(uuid4() for _ in range(4)))
    await unfix(rooms, THIRD)
    await fix_all_again(rooms, THIRD)
    found = await report(rooms, sponsor_id=sponsor_id, by="month")
    assert [row.attended for row in found.rows if row.attended] == [4]
    assert next(row.key for row in found.rows if row.attended) == f"{THIRD:%Y-%m}"


async def fix_all_again(rooms: Catalogue, first: date) -> None:
    await change(rooms, "DELETE FROM room_month WHERE month >= :first", first=first)
    await fix_all(rooms)


async def all_name_another(rooms: Catalogue, sponsor_id: UUID) -> None:
    """Let all rooms name another sponsor from the third month on, which is fixed again."""
    await unfix(rooms, THIRD)
    named = "jsonb_set(snapshot, '{sponsor,sponsor_id}', to_jsonb(CAST(:id AS text)))"
    await change(rooms, f"UPDATE room SET snapshot = {named}", id=str(sponsor_id))
    await fix_all_again(rooms, THIRD)


async def test_rooms_that_change_their_sponsor_leave_their_past_with_the_former(rooms: Catalogue) -> None:
    former, present = await register(rooms), await register(rooms)
    room_id = await a_room_since(rooms, FIRST, former)
    for _ in range(4):
        await come(rooms, room_id, uuid4(), FIRST)
    await fix_all(rooms)
    await all_name_another(rooms, present)
    months = {f"{FIRST:%Y-%m}": 4, f"{SECOND:%Y-%m}": 4}
    assert {row.key: row.people for row in (await report(rooms, sponsor_id=former, by="month")).rows} == months
    after = (await report(rooms, sponsor_id=present, by="month")).rows
    assert after[0].key == f"{THIRD:%Y-%m}"
    assert all(row.people == 4 for row in after)


async def test_the_last_month_is_published_to_services_alone_and_earlier_ones_are_not(rooms: Catalogue) -> None:
    sponsor_id = await register(rooms)
    room_id = await a_room_since(rooms, FIRST, sponsor_id)
    people = [uuid4() for _ in range(5)]
    for person in people:
        await come(rooms, room_id, person, FIRST)
    last = [month for month in await fix_all(rooms) if month_after(month) == THIS_MONTH]
    rows = [row for row in await rooms.published(sponsor_id) if row.routing_key == "rooms.sponsor-reported.v1"]
    stated = [json.loads(row.internal)["data"] for row in rows]
    assert [each["month"] for each in stated] == [f"{month:%Y-%m}" for month in last]
    assert all((each["numbers"]["rooms"], each["numbers"]["people"]) == (1, 5) for each in stated)
    assert [row.public for row in rows] == [None] * len(rows)


async def test_nothing_is_shown_before_a_month_is_fixed(rooms: Catalogue) -> None:
    sponsor_id = await register(rooms)
    await a_room_since(rooms, FIRST, sponsor_id)
    empty = await report(rooms, sponsor_id=sponsor_id)
    assert (empty.rows, empty.total.rooms, empty.months_to) == ([], 0, None)
    await fix_all(rooms)
    part = await report(rooms, sponsor_id=sponsor_id, **{"from": f"{FIRST:%Y-%m}-02", "to": f"{SECOND:%Y-%m}-27"})
    assert (part.rows, part.months_from) == ([], None)
    assert (await report(rooms, sponsor_id=sponsor_id, to="9999-12-31")).total.rooms == 1
    assert (await report(rooms, sponsor_id=sponsor_id, **{"from": "9999-12-31"})).rows == []


@pytest.mark.parametrize("read", ["load_lots_of_rooms", "load_lots_of_sponsors"])
async def test_a_person_who_is_erased_while_a_month_is_fixed_is_written_nowhere_again(
    rooms: Catalogue, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    sponsor_id, gone = await register(rooms), uuid4()
    for people in ([gone, uuid4()], [uuid4(), uuid4()]):
        room_id = await a_room_since(rooms, FIRST, sponsor_id)
        for person in people:
            await come(rooms, room_id, person, FIRST)
    erased = received(PersonErased(person_id=gone), subject=str(gone), sequence="9", actor=None)
    erasures: list[asyncio.Task[Any]] = []
    load = getattr(stored, read)

    async def erasure_waits_or_is_done() -> bool:
        waiting = await rooms.rows("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(waiting) or erasures[0].done()

    async def load_and_let_the_erasure_come(*asked: Any) -> Any:
        loaded = await load(*asked)
        if not erasures:
            erasures.append(asyncio.create_task(rooms.handle(erased)))
            await eventually(erasure_waits_or_is_done)
        return loaded

    monkeypatch.setattr(stored, read, load_and_let_the_erasure_come)
    await fix_all(rooms)
    await erasures[0]
    for table in ("lot_person", "lot_waiting"):
        assert await rooms.rows(f"SELECT * FROM {table} WHERE person_id = :person", person=gone) == []


async def test_what_waits_is_kept_from_when_it_began_to_wait(rooms: Catalogue) -> None:
    room_id = await a_room_since(rooms, FIRST)
    first, second = uuid4(), uuid4()
    await come(rooms, room_id, first, FIRST)
    await come(rooms, room_id, second, SECOND)
    await fix_all(rooms)
    assert await waiting_since(rooms, room_id) == {first: FIRST, second: SECOND}
    await change(rooms, "DELETE FROM lot_waiting WHERE person_id = :person", person=first)
    await unfix(rooms, THIRD)
    await fix_all_again(rooms, THIRD)
    assert await waiting_since(rooms, room_id) == {first: THIRD, second: SECOND}


async def waiting_since(rooms: Catalogue, room_id: UUID) -> dict[UUID, date]:
    found = await rooms.rows("SELECT person_id, since FROM lot_waiting WHERE room_id = :room", room=room_id)
    return {row.person_id: row.since for row in found}


async def test_a_sponsor_counts_nobody_of_a_room_that_left_it(rooms: Catalogue) -> None:
    former, present = await register(rooms), await register(rooms)
    for _ in range(2):
        room_id = await a_room_since(rooms, FIRST, former)
        for _ in range(2):
            await come(rooms, room_id, uuid4(), FIRST)
    await fix_all(rooms)
    await all_name_another(rooms, present)
    months = {f"{FIRST:%Y-%m}": 4, f"{SECOND:%Y-%m}": 4}
    assert {row.key: row.people for row in (await report(rooms, sponsor_id=former, by="month")).rows} == months
    past = await report(rooms, sponsor_id=former, **{"from": f"{THIRD:%Y-%m}-01"})
    assert past.total.people is None


async def test_confidential_notes_are_not_counted(rooms: Catalogue) -> None:
    sponsor_id = await register(rooms)
    room_id = await a_room_since(rooms, FIRST, sponsor_id)
    for confidential in (True, False, True):
        await a_note(rooms, room_id, FIRST, confidential=confidential)
    await fix_all(rooms)
    assert (await report(rooms, sponsor_id=sponsor_id)).total.notes == 1


@pytest.mark.parametrize(
    ("by", "place"),
    [("room", "x"), ("room", 7), ("month", "2026-13"), ("month", "0000-01"), ("month", ""), ("format", "a\0b")],
)
async def test_a_forged_place_is_refused(rooms: Catalogue, by: str, place: object) -> None:
    sponsor_id = await register(rooms)
    await a_room_since(rooms, FIRST, sponsor_id)
    await fix_all(rooms)
    after = write_cursor("rooms-report", by, place)
    assert await asked(rooms, sponsor_id=sponsor_id, by=by, after=after) == "invalid"
