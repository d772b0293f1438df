"""Ten thousand people on a waitlist and fifty thousand former ones: every query has its index, every step its limit."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession
from tests.integration.membership.membership_service import MembershipService, of_ourselves, of_room, people
from tests.integration.membership.query_plans import all_use_an_index, statements
from tests.support.stack.databases import migrated_database
from tests.support.stack.example_service import received
from tests.support.stack.servers import Servers
from tests.unit.membership.builders import HOST, NOW, a_room

from practio_chassis.context import ReceivedMessage
from practio_chassis.database import engine
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.paging import write_cursor
from practio_contracts.answers import Refusal
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
from practio_membership.handlers.internal import MOST_ENDED_AT_ONCE
from practio_membership.handlers.steps import MOST_AT_ONCE
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
async def crowded(servers: Servers) -> AsyncIterator[MembershipService]:
    """Yield the service on a database of its own, which other tests shall not find slow."""
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name)
        yield MembershipService(pool)
        await pool.dispose()


@pytest_asyncio.fixture(scope="module")
async def long_waitlist(crowded: MembershipService) -> Room:
    """Return a room with one participant and ten thousand people waiting, after fifty thousand left."""
    room = await a_room_with_a_waitlist(crowded, gone=GONE)
    await crowded.change("ANALYZE")
    return room


async def a_room_with_a_waitlist(membership: MembershipService, *, gone: int = 0) -> Room:
    """Return a room with one seat, which is taken, and ten thousand people waiting."""
    room = await membership.publish(a_room(capacity=1))
    await membership.join(room, *people(1))
    await membership.change(FILL, room=room.room_id, status="withdrawn", before=1, many=gone)
    await membership.change(FILL, room=room.room_id, status="waitlisted", before=1 + gone, many=WAITING)
    await membership.change(COUNT, room=room.room_id, waiting=WAITING, last=1 + gone + WAITING)
    return room


async def on_the_waitlist(membership: MembershipService, room: Room) -> list[UUID]:
    """Return the people who wait, in waitlist order."""
    return [person for person, status in (await membership.statuses(room)).items() if status == "waitlisted"]


def edited(room: Room, **fields: Any) -> Room:
    """Return a room after its next edit."""
    return room.model_copy(update={"version": room.version + 1, **fields})


async def goes_on(membership: MembershipService, room: Room, command: type[InternalCommand]) -> None:
    """Handle the internal commands of a room, a batch at a time, until there are no more."""
    while commands := await taken_from_outbox(membership, room, command):
        await membership.take(*commands)


async def taken_from_outbox(
    membership: MembershipService, room: Room, command: type[InternalCommand]
) -> list[ReceivedMessage[Message]]:
    """Remove the commands of one kind for a room from the outbox, as the relay does."""
    about = {"key": command.routing_key, "room": str(room.room_id)}
    rows = await membership.rows("SELECT internal FROM outbox WHERE routing_key = :key AND subject = :room", **about)
    await membership.change("DELETE FROM outbox WHERE routing_key = :key AND subject = :room", **about)
    return [of_ourselves(command.model_validate(json.loads(row.internal)["data"])) for row in rows]


async def most_in_one_transaction(membership: MembershipService, room: Room, event: str) -> int:
    """Return the maximum number of people of a room in one transaction with this event."""
    query = (
        "SELECT xmin::text, count(*) AS people FROM history WHERE room_id = :room AND fact = :event GROUP BY 1 "
        "ORDER BY 2 DESC LIMIT 1"
    )
    [row] = await membership.rows(query, room=room.room_id, event=event)
    return int(row.people)


async def test_a_thousand_more_seats_go_to_the_first_thousand_in_bounded_steps(
    crowded: MembershipService,
) -> None:
    room = await a_room_with_a_waitlist(crowded)
    waiting_before = await on_the_waitlist(crowded, room)
    await crowded.take(of_room(RoomRevised(room=edited(room, capacity=1 + SEATS), changed_fields=("capacity",))))
    await goes_on(crowded, room, FillSeats)
    offered = [
        UUID(data["membership"]["person_id"]) for name, data in await crowded.events(room) if name == "seat-offered"
    ]
    assert offered == waiting_before[:SEATS]
    assert await on_the_waitlist(crowded, room) == waiting_before[SEATS:]
    assert await most_in_one_transaction(crowded, room, "membership.seat-offered.v1") == MOST_AT_ONCE
    [row] = await crowded.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.held, row.waiting) == (1, SEATS, WAITING - SEATS)


async def test_a_cancelled_room_ends_once_for_everybody_in_bounded_steps(crowded: MembershipService) -> None:
    room = await a_room_with_a_waitlist(crowded)
    everybody = list(await crowded.statuses(room))
    over = edited(room, status=RoomStatus.CANCELLED)
    await crowded.take(of_room(RoomCancelled(room=over, reason="the host moved away"), by=HOST))
    await goes_on(crowded, room, EndMemberships)
    published = [data["membership"] for name, data in await crowded.events(room) if name == "ended"]
    assert [UUID(each["person_id"]) for each in published] == everybody
    assert {(each["status"], each["reason"], each["by"]) for each in published} == {
        ("ended", "the host moved away", str(HOST))
    }
    assert await most_in_one_transaction(crowded, room, "membership.ended.v1") == MOST_ENDED_AT_ONCE
    assert Counter((await crowded.statuses(room)).values()) == {"ended": 1 + WAITING}
    [row] = await crowded.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.held, row.waiting) == (0, 0, 0)


async def test_many_commands_in_one_batch_fill_no_more_seats_than_one(crowded: MembershipService) -> None:
    room = await a_room_with_a_waitlist(crowded)
    waiting_before = await on_the_waitlist(crowded, room)
    leaving = [received(Withdraw(room_id=room.room_id, person_id=each), actor=each) for each in waiting_before[-5:]]
    raised = RoomRevised(room=edited(room, capacity=1 + SEATS), changed_fields=("capacity",))
    await crowded.take(of_room(raised), *leaving, of_ourselves(FillSeats(room_id=room.room_id)))
    assert await most_in_one_transaction(crowded, room, "membership.seat-offered.v1") == MOST_AT_ONCE
    [rest] = await taken_from_outbox(crowded, room, FillSeats)
    await crowded.take(rest)
    await goes_on(crowded, room, FillSeats)
    statuses = await crowded.statuses(room)
    assert [person for person, status in statuses.items() if status == "offered"] == waiting_before[:SEATS]


async def test_offers_that_expire_at_one_instant_end_in_bounded_steps_and_count_for_nobody(
    crowded: MembershipService,
) -> None:
    room = await a_room_with_a_waitlist(crowded)
    waiting_before = await on_the_waitlist(crowded, room)
    await crowded.take(of_room(RoomRevised(room=edited(room, capacity=1 + SEATS), changed_fields=("capacity",))))
    await goes_on(crowded, room, FillSeats)
    await crowded.offers_run_out(room)
    late = waiting_before[SEATS - 1]
    refused = await crowded.send(AcceptOffer(room_id=room.room_id, person_id=late), by=late)
    assert refused["code"] == "offer-expired", "also for who is not among the first"
    for lapse in await lapses(crowded, room):
        await crowded.take(lapse)
    assert await most_in_one_transaction(crowded, room, "membership.offer-lapsed.v1") == MOST_OVER_AT_ONCE + 1
    await goes_on(crowded, room, FillSeats)
    statuses = await crowded.statuses(room)
    assert [person for person, status in statuses.items() if status == "lapsed"] == waiting_before[:SEATS]
    assert [person for person, status in statuses.items() if status == "offered"] == waiting_before[SEATS : 2 * SEATS]


async def lapses(membership: MembershipService, room: Room) -> list[ReceivedMessage[Message]]:
    """Return the commands of the timers of expired offers, of one in a hundred."""
    query = (
        "SELECT membership_id, person_id FROM membership WHERE room_id = :room AND status = 'offered' "
        "AND offer_expires_at <= now() ORDER BY number"
    )
    about = [row._asdict() for row in await membership.rows(query, room=room.room_id)]
    return [of_ourselves(LapseOffer(room_id=room.room_id, **each)) for each in about[::100]]


Call = Callable[[AsyncSession, Loaded, RoomState], Awaitable[object]]

CALLS: dict[str, Call] = {
    "who is first on the waitlist": lambda _, loaded, state: loaded.front(replace(state, taken=0), most=200),
    "which places are contested": lambda session, _, state: waitlist.contested(session, state.room.room_id, [None]),
    "who waits behind newcomers": lambda session, _, state: waitlist.behind_newcomers(session, [state.room.room_id]),
    "the first who are to be ended": lambda _, loaded, state: loaded.people(state.room.room_id, LIVE, most=501),
}


@pytest.mark.parametrize("name", CALLS)
async def test_every_statement_about_a_long_waitlist_uses_an_index(
    crowded: MembershipService, long_waitlist: Room, name: str
) -> None:
    [last] = (await on_the_waitlist(crowded, long_waitlist))[-1:]
    command = received(Withdraw(room_id=long_waitlist.room_id, person_id=last), actor=last)
    async with session_maker(crowded.pool)() as session:
        with statements(crowded) as statements_run:
            loaded = await load(session, [command], NOW)
            state = loaded.state(long_waitlist.room_id)
            assert state is not None
            await CALLS[name](session, loaded, state)
    assert len(statements_run) >= 3, "the room, the latest membership of the person, and what was asked"
    await all_use_an_index(crowded, statements_run)


@pytest.mark.parametrize("limit", [50, 500])
@pytest.mark.parametrize("status", [None, "waitlisted"])
@pytest.mark.parametrize("passed", [0, WAITING // 2, WAITING - 1])
async def test_every_page_of_a_long_roster_uses_an_index(
    crowded: MembershipService, long_waitlist: Room, limit: int, status: str | None, passed: int
) -> None:
    after = write_cursor(0, 1 + GONE + passed) if passed else None
    asked = {"room_id": long_waitlist.room_id, "limit": limit, "status": status, "after": after}
    with statements(crowded) as statements_run:
        page = await crowded.query(GetRoster.model_validate(asked), by=HOST)
    assert isinstance(page, Roster)
    waiting = [each.membership.person_id for each in page.entries if each.membership.status == "waitlisted"]
    assert waiting == (await on_the_waitlist(crowded, long_waitlist))[passed:][: len(waiting)]
    assert waiting
    await all_use_an_index(crowded, [each for each in statements_run if "GROUP BY" not in each[0]])


@pytest.mark.parametrize("status", ["joined", "removed"])
async def test_a_page_of_one_status_is_read_in_its_order_without_the_others(
    crowded: MembershipService, long_waitlist: Room, status: str
) -> None:
    with statements(crowded) as statements_run:
        await crowded.query(GetRoster.model_validate({"room_id": long_waitlist.room_id, "status": status}), by=HOST)
    [page] = [each for each in statements_run if "ORDER BY membership.priority" in each[0]]
    async with crowded.pool.connect() as connection:
        # So few are sorted as well, if a sample makes it look cheaper: what counts is that an index has their order.
        await connection.exec_driver_sql("SET LOCAL enable_sort = off")
        plan = "\n".join((await connection.exec_driver_sql(f"EXPLAIN {page[0]}", page[1])).scalars())
    assert "membership_by_status" in plan, plan
    assert "Sort" not in plan, plan


@pytest.mark.parametrize("kind", [GetMembership, Explain])
async def test_the_last_position_of_a_long_waitlist_is_counted_by_an_index(
    crowded: MembershipService, long_waitlist: Room, kind: type[GetMembership | Explain]
) -> None:
    [last] = (await on_the_waitlist(crowded, long_waitlist))[-1:]
    with statements(crowded) as statements_run:
        answer = await crowded.query(kind(room_id=long_waitlist.room_id, person_id=last), by=last)
    assert not isinstance(answer, Refusal)
    assert str(WAITING - 1) in answer.model_dump_json(), "how many stand before"
    await all_use_an_index(crowded, statements_run)
