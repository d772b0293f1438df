"""Ten thousand people in line, and fifty thousand who are gone: every question has its index, every step its bound."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession
from tests.integration.membership.house import House, of_ourselves, of_room, people
from tests.integration.membership.plans import all_use_an_index, statements
from tests.support.stack.databases import migrated_database
from tests.support.stack.handling import received
from tests.support.stack.servers import Servers
from tests.unit.membership.builders import HOST, NOW, a_room

from practio_chassis.database import engine
from practio_chassis.database.engine import session_maker
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.membership import (
    LIVE,
    AcceptOffer,
    EndMemberships,
    Explain,
    FillSeats,
    GetMembership,
    GetRoster,
    LapseOffer,
    Roster,
    Withdraw,
)
from practio_contracts.message import InternalCommand, Message
from practio_contracts.rooms import Room, RoomCancelled, RoomRevised, RoomStatus
from practio_membership.app import SERVICE
from practio_membership.domain.room import RoomState
from practio_membership.handlers.apply import MOST_AT_ONCE
from practio_membership.handlers.ending import MOST_ENDED_AT_ONCE
from practio_membership.queries.cursors import write_cursor
from practio_membership.store import Loaded, load, waitlist
from practio_membership.store.loading import MOST_OVER_AT_ONCE

pytestmark = pytest.mark.thorough

WAITING, GONE, SEATS = 10_000, 50_000, 1_000
FILL = """
INSERT INTO membership (membership_id, room_id, person_id, status, version, number, priority, wishes, set_aside, since,
                        requested_at, by, answers)
SELECT gen_random_uuid(), :room, gen_random_uuid(), :status, 1, :before + n, 0, '{}', false, now(), now(), 'system',
       '{}'
FROM generate_series(1, :many) AS n
"""
COUNT = "UPDATE room SET waiting = :waiting, last_number = :last WHERE room_id = :room"


@pytest_asyncio.fixture(scope="module")
async def crowded(servers: Servers) -> AsyncIterator[House]:
    """Give the service on a database of its own, which other tests shall not find slow."""
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name)
        yield House(pool)
        await pool.dispose()


@pytest_asyncio.fixture(scope="module")
async def long_line(crowded: House) -> Room:
    """Give a room where one sits and ten thousand wait, after fifty thousand who left; the planner knows of them."""
    room = await a_room_with_a_line(crowded, gone=GONE)
    await crowded.change("ANALYZE")
    return room


async def a_room_with_a_line(house: House, *, gone: int = 0) -> Room:
    """Give a room of one seat, which is taken, where ten thousand wait."""
    room = await house.publish(a_room(capacity=1))
    await house.join(room, *people(1))
    await house.change(FILL, room=room.room_id, status="withdrawn", before=1, many=gone)
    await house.change(FILL, room=room.room_id, status="waitlisted", before=1 + gone, many=WAITING)
    await house.change(COUNT, room=room.room_id, waiting=WAITING, last=1 + gone + WAITING)
    return room


async def in_line(house: House, room: Room) -> list[UUID]:
    """Give those who wait, in the queue's order."""
    return [person for person, status in (await house.statuses(room)).items() if status == "waitlisted"]


def edited(room: Room, **fields: Any) -> Room:
    """Give a room after its next edit."""
    return room.model_copy(update={"version": room.version + 1, **fields})


async def goes_on(house: House, room: Room, command: type[InternalCommand]) -> None:
    """Hand the service what it wishes of itself for a room, a batch at a time, until it wishes no more."""
    while wished := await taken_from_outbox(house, room, command):
        await house.take(*wished)


async def taken_from_outbox(house: House, room: Room, command: type[InternalCommand]) -> list[ReceivedMessage[Message]]:
    """Take out the commands of one kind for a room, as the relay does."""
    about = {"key": command.routing_key, "room": str(room.room_id)}
    rows = await house.rows("SELECT internal FROM outbox WHERE routing_key = :key AND subject = :room", **about)
    await house.change("DELETE FROM outbox WHERE routing_key = :key AND subject = :room", **about)
    return [of_ourselves(command.model_validate(json.loads(row.internal)["data"])) for row in rows]


async def most_in_one_transaction(house: House, room: Room, event: str) -> int:
    """Give the most people of a room whom one transaction told this."""
    query = (
        "SELECT xmin::text, count(*) AS people FROM history WHERE room_id = :room AND fact = :fact GROUP BY 1 "
        "ORDER BY 2 DESC LIMIT 1"
    )
    [row] = await house.rows(query, room=room.room_id, fact=event)
    return int(row.people)


async def test_a_thousand_more_seats_go_to_the_first_thousand_in_order_a_bounded_number_at_a_time(
    crowded: House,
) -> None:
    room = await a_room_with_a_line(crowded)
    line_before = await in_line(crowded, room)
    await crowded.take(of_room(RoomRevised(room=edited(room, capacity=1 + SEATS), changed_fields=("capacity",))))
    await goes_on(crowded, room, FillSeats)
    offered = [
        UUID(data["membership"]["person_id"]) for name, data in await crowded.events(room) if name == "seat-offered"
    ]
    assert offered == line_before[:SEATS]
    assert await in_line(crowded, room) == line_before[SEATS:]
    assert await most_in_one_transaction(crowded, room, "membership.seat-offered.v1") == MOST_AT_ONCE
    [row] = await crowded.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.held, row.waiting) == (1, SEATS, WAITING - SEATS)


async def test_a_cancelled_room_ends_once_for_everybody_in_order_a_bounded_number_at_a_time(crowded: House) -> None:
    room = await a_room_with_a_line(crowded)
    everybody = list(await crowded.statuses(room))
    over = edited(room, status=RoomStatus.CANCELLED)
    await crowded.take(of_room(RoomCancelled(room=over, reason="the host moved away"), by=HOST))
    await goes_on(crowded, room, EndMemberships)
    told = [data["membership"] for name, data in await crowded.events(room) if name == "ended"]
    assert [UUID(each["person_id"]) for each in told] == everybody
    assert {(each["status"], each["reason"], each["by"]) for each in told} == {
        ("ended", "the host moved away", str(HOST))
    }
    assert await most_in_one_transaction(crowded, room, "membership.ended.v1") == MOST_ENDED_AT_ONCE
    assert Counter((await crowded.statuses(room)).values()) == {"ended": 1 + WAITING}
    [row] = await crowded.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.held, row.waiting) == (0, 0, 0)


async def test_many_commands_in_one_batch_give_seats_to_no_more_people_than_one_does(crowded: House) -> None:
    room = await a_room_with_a_line(crowded)
    line_before = await in_line(crowded, room)
    leaving = [received(Withdraw(room_id=room.room_id, person_id=each), actor=each) for each in line_before[-5:]]
    raised = RoomRevised(room=edited(room, capacity=1 + SEATS), changed_fields=("capacity",))
    await crowded.take(of_room(raised), *leaving, of_ourselves(FillSeats(room_id=room.room_id)))
    assert await most_in_one_transaction(crowded, room, "membership.seat-offered.v1") == MOST_AT_ONCE
    [rest] = await taken_from_outbox(crowded, room, FillSeats)
    await crowded.take(rest)
    await goes_on(crowded, room, FillSeats)
    statuses = await crowded.statuses(room)
    assert [person for person, status in statuses.items() if status == "offered"] == line_before[:SEATS]


async def test_offers_that_are_over_at_one_instant_end_a_bounded_number_at_a_time_and_are_over_for_everybody(
    crowded: House,
) -> None:
    room = await a_room_with_a_line(crowded)
    line_before = await in_line(crowded, room)
    await crowded.take(of_room(RoomRevised(room=edited(room, capacity=1 + SEATS), changed_fields=("capacity",))))
    await goes_on(crowded, room, FillSeats)
    await crowded.offers_run_out(room)
    late = line_before[SEATS - 1]
    refused = await crowded.send(AcceptOffer(room_id=room.room_id, person_id=late), by=late)
    assert refused["code"] == "offer-expired", "also for who is not among the first"
    for lapse in await lapses(crowded, room):
        await crowded.take(lapse)
    assert await most_in_one_transaction(crowded, room, "membership.offer-lapsed.v1") == MOST_OVER_AT_ONCE + 1
    await goes_on(crowded, room, FillSeats)
    statuses = await crowded.statuses(room)
    assert [person for person, status in statuses.items() if status == "lapsed"] == line_before[:SEATS]
    assert [person for person, status in statuses.items() if status == "offered"] == line_before[SEATS : 2 * SEATS]


async def lapses(house: House, room: Room) -> list[ReceivedMessage[Message]]:
    """Give what the timers of the offers that are over will say, of one in a hundred."""
    query = (
        "SELECT membership_id, person_id FROM membership WHERE room_id = :room AND status = 'offered' "
        "AND offer_expires_at <= now() ORDER BY number"
    )
    about = [row._asdict() for row in await house.rows(query, room=room.room_id)]
    return [of_ourselves(LapseOffer(room_id=room.room_id, **each)) for each in about[::100]]


Call = Callable[[AsyncSession, Loaded, RoomState], Awaitable[object]]

CALLS: dict[str, Call] = {
    "who is first in line": lambda _, loaded, state: loaded.front(replace(state, taken=0), most=200),
    "which places are contested": lambda session, _, state: waitlist.contested(session, state.room.room_id, [None]),
    "who waits behind newcomers": lambda session, _, state: waitlist.behind_newcomers(session, state.room.room_id),
    "the first who are to be ended": lambda _, loaded, state: loaded.people(state.room.room_id, LIVE, most=501),
}


@pytest.mark.parametrize("name", CALLS)
async def test_what_a_command_asks_about_a_long_line_has_an_index_behind_it(
    crowded: House, long_line: Room, name: str
) -> None:
    [last] = (await in_line(crowded, long_line))[-1:]
    command = received(Withdraw(room_id=long_line.room_id, person_id=last), actor=last)
    async with session_maker(crowded.pool)() as session:
        with statements(crowded) as said:
            loaded = await load(session, [command], NOW)
            state = loaded.state(long_line.room_id)
            assert state is not None
            await CALLS[name](session, loaded, state)
    assert len(said) >= 3, "the room, the latest membership of the person, and what was asked"
    await all_use_an_index(crowded, said)


@pytest.mark.parametrize("limit", [50, 500])
@pytest.mark.parametrize("status", [None, "waitlisted"])
@pytest.mark.parametrize("passed", [0, WAITING // 2, WAITING - 1])
async def test_every_page_of_a_long_roster_has_an_index_behind_it(
    crowded: House, long_line: Room, limit: int, status: str | None, passed: int
) -> None:
    after = write_cursor(0, 1 + GONE + passed) if passed else None
    asked = {"room_id": long_line.room_id, "limit": limit, "status": status, "after": after}
    with statements(crowded) as said:
        page = await crowded.ask(GetRoster.model_validate(asked), by=HOST)
    assert isinstance(page, Roster)
    line = [each.membership.person_id for each in page.entries if each.membership.status == "waitlisted"]
    assert line == (await in_line(crowded, long_line))[passed:][: len(line)]
    assert line
    await all_use_an_index(crowded, [each for each in said if "GROUP BY" not in each[0]])


@pytest.mark.parametrize("kind", [GetMembership, Explain])
async def test_where_the_last_in_line_stands_is_told_by_indexes(
    crowded: House, long_line: Room, kind: type[GetMembership | Explain]
) -> None:
    [last] = (await in_line(crowded, long_line))[-1:]
    with statements(crowded) as said:
        answer = await crowded.ask(kind(room_id=long_line.room_id, person_id=last), by=last)
    assert str(WAITING - 1) in answer.model_dump_json(), "how many stand before"
    await all_use_an_index(crowded, said)
