"""What was lost heals: the sweep finds what a lost command would have done, in bounded chunks, one copy at a time."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from tests.integration.membership.membership_service import Data, MembershipService, of_ourselves, of_room, people
from tests.integration.membership.query_plans import nodes, statements
from tests.support.eventually import eventually
from tests.support.stack.databases import migrated_database
from tests.support.stack.example_service import received
from tests.support.stack.servers import Servers
from tests.unit.membership.builders import HOST

from practio_chassis.context import ReceivedMessage
from practio_chassis.database import engine
from practio_chassis.service import Running
from practio_contracts.catalogue import CATALOGUE
from practio_contracts.membership import Invite, Withdraw
from practio_contracts.message import InternalCommand, Message
from practio_contracts.rooms import Room, RoomCancelled, RoomStatus
from practio_membership.app import SERVICE
from practio_membership.handlers.internal import MOST_ENDED_AT_ONCE
from practio_membership.periodic.sweep import CHUNK, Rounds, sweep_once

MANY = 3_000
END = """UPDATE room SET snapshot = replace(snapshot, '"status":"published"', '"status":"archived"')"""
EXPIRIES = {"offered": "offer_expires_at", "invited": "invitation_expires_at", "requested": "request_expires_at"}


@pytest_asyncio.fixture(scope="module")
async def emptied(servers: Servers) -> AsyncIterator[MembershipService]:
    """Return the service on a database of its own."""
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name)
        yield MembershipService(pool)
        await pool.dispose()


@pytest_asyncio.fixture
async def lonely(emptied: MembershipService) -> MembershipService:
    """Return the service on empty tables, so that the sweep finds what this test lost, and nothing else."""
    async with emptied.pool.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text("TRUNCATE room, membership, buddy, history, timer, outbox, inbox, latest"))
    return emptied


async def swept(membership: MembershipService, *, chunk: int = CHUNK) -> list[tuple[str, Data]]:
    """Let the sweep look once; return the commands that it sent, taken out of the outbox."""
    await membership.change("DELETE FROM outbox")
    count = await sweep_once(Running(membership.transaction.background, None), chunk=chunk)
    rows = await membership.rows("DELETE FROM outbox RETURNING routing_key, internal, id")
    assert len(rows) == count
    return [(row.routing_key, json.loads(row.internal)["data"]) for row in sorted(rows, key=lambda row: row.id)]


async def heal(membership: MembershipService, *, chunk: int = CHUNK) -> Counter[str]:
    """Sweep, and handle what was sent and what follows from it; return how many commands of each kind were sent."""
    commands = await swept(membership, chunk=chunk)
    await handle(membership, commands)
    return Counter(key.split(".")[1] for key, _ in commands)


async def handle(membership: MembershipService, commands: list[tuple[str, Data]]) -> None:
    while commands:
        await membership.change("DELETE FROM outbox")
        await membership.take(*(command(key, data) for key, data in commands))
        rows = await membership.rows("DELETE FROM outbox RETURNING routing_key, internal, id")
        internal = [row for row in rows if issubclass(CATALOGUE[row.routing_key], InternalCommand)]
        commands = [(row.routing_key, json.loads(row.internal)["data"]) for row in internal]


def command(key: str, data: Data) -> ReceivedMessage[Message]:
    message = CATALOGUE[key].model_validate(data)
    assert isinstance(message, InternalCommand)
    return of_ourselves(message)


async def lose_all_timers(membership: MembershipService) -> None:
    """Lose what would have acted: the timers, and the commands that are on their way."""
    await membership.change("DELETE FROM timer")
    await membership.change("DELETE FROM outbox")


async def expire(membership: MembershipService, status: str, *, minutes: int = 2) -> None:
    """Let everything in this status be overdue by some minutes."""
    await membership.change(
        f"UPDATE membership SET {EXPIRIES[status]} = now() - make_interval(mins => :minutes) WHERE status = :status",
        minutes=minutes,
        status=status,
    )


async def an_offer(membership: MembershipService) -> tuple[Room, UUID, UUID]:
    """Return a room of one seat that one was offered, and the other waits for."""
    room, [first, second, third] = await membership.publish(capacity=1), people(3)
    await membership.join(room, first, second, third)
    await membership.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    assert (await membership.statuses(room))[second] == "offered"
    return room, second, third


async def invited(membership: MembershipService, room: Room, *persons: UUID) -> None:
    await membership.take(*(received(Invite(room_id=room.room_id, person_id=each), actor=HOST) for each in persons))


async def cancel(membership: MembershipService, room: Room) -> None:
    over = room.model_copy(update={"version": room.version + 1, "status": RoomStatus.CANCELLED})
    await membership.take(of_room(RoomCancelled(room=over, reason="the host moved away")))


async def test_the_sweep_finds_nothing_where_nothing_was_lost(lonely: MembershipService) -> None:
    await an_offer(lonely)
    room = await lonely.publish(policy="approval")
    await lonely.join(room, *people(2))
    await invited(lonely, room, *people(2))
    await cancel(lonely, await lonely.publish())
    assert await swept(lonely) == []


async def test_an_overdue_offer_lapses_and_the_seat_goes_on(lonely: MembershipService) -> None:
    room, late, waits = await an_offer(lonely)
    await lose_all_timers(lonely)
    await expire(lonely, "offered")
    assert await heal(lonely) == {"lapse-offer": 1}
    statuses = await lonely.statuses(room)
    assert (statuses[late], statuses[waits]) == ("lapsed", "offered")
    assert await swept(lonely) == []


async def test_an_overdue_request_lapses(lonely: MembershipService) -> None:
    room, [person] = await lonely.publish(policy="approval"), people(1)
    await lonely.join(room, person)
    await lose_all_timers(lonely)
    await expire(lonely, "requested")
    assert await heal(lonely) == {"lapse-request": 1}
    assert (await lonely.statuses(room))[person] == "lapsed"
    assert await swept(lonely) == []


async def test_a_request_without_an_end_lapses_by_the_rules_of_its_room(lonely: MembershipService) -> None:
    """The release before writes requests without their end."""
    room = await lonely.publish(policy="approval", request_expires_after_days=5)
    late, early = people(2)
    await lonely.join(room, late, early)
    await lose_all_timers(lonely)
    await lonely.change("UPDATE membership SET request_expires_at = NULL")
    await lonely.change("UPDATE membership SET since = now() - interval '6 days' WHERE person_id = :late", late=late)
    await lonely.change("UPDATE membership SET since = now() - interval '4 days' WHERE person_id = :early", early=early)
    assert await heal(lonely) == {"lapse-request": 1}
    assert await lonely.statuses(room) == {late: "lapsed", early: "requested"}


async def test_an_overdue_invitation_lapses(lonely: MembershipService) -> None:
    room, [person] = await lonely.publish(policy="invitation"), people(1)
    await invited(lonely, room, person)
    await lose_all_timers(lonely)
    await expire(lonely, "invited")
    assert await heal(lonely) == {"lapse-invitation": 1}
    assert (await lonely.statuses(room))[person] == "lapsed"
    assert await swept(lonely) == []


@pytest.mark.parametrize("status", EXPIRIES)
async def test_a_timer_has_a_minute_for_its_own_command(lonely: MembershipService, status: str) -> None:
    room = await lonely.publish(capacity=1, policy="approval")
    await lonely.join(room, *people(1))
    await invited(lonely, room, *people(1))
    await an_offer(lonely)
    await expire(lonely, status, minutes=0)
    assert await swept(lonely) == []


async def test_the_members_of_an_ended_room_end_as_the_first_of_them_did(lonely: MembershipService) -> None:
    room, extra = await lonely.publish(capacity=1), 5
    await lonely.join(room, *people(MOST_ENDED_AT_ONCE + extra))
    await cancel(lonely, room)
    await lose_all_timers(lonely)
    assert Counter((await lonely.statuses(room)).values()) == {"ended": MOST_ENDED_AT_ONCE, "waitlisted": extra}
    assert await heal(lonely) == {"end-memberships": 1}
    rows = await lonely.rows("SELECT DISTINCT status, by, reason FROM membership")
    assert [tuple(row) for row in rows] == [("ended", str(HOST), "the host moved away")]
    assert await swept(lonely) == []


async def test_live_members_of_an_ended_room_end_and_nothing_else_happens(
    lonely: MembershipService,
) -> None:
    room = await lonely.publish(capacity=1, policy="approval")
    await lonely.join(room, *people(2))
    await invited(lonely, room, *people(2))
    other, _, _ = await an_offer(lonely)
    await lose_all_timers(lonely)
    for status in EXPIRIES:
        await expire(lonely, status)
    await lonely.change(END)
    assert await heal(lonely) == {"end-memberships": 2}
    assert {*(await lonely.statuses(room)).values(), *(await lonely.statuses(other)).values()} == {"ended", "withdrawn"}
    assert await swept(lonely) == []


async def test_a_seat_that_a_path_forgot_is_given(lonely: MembershipService) -> None:
    forgotten, full = await lonely.publish(capacity=1), await lonely.publish(capacity=1)
    [first, second] = people(2)
    for room in (forgotten, full):
        await lonely.join(room, first, second)
    about = {"room": forgotten.room_id, "person": first}
    await lonely.change(
        "UPDATE membership SET status = 'withdrawn' WHERE room_id = :room AND person_id = :person", **about
    )
    await lonely.change("UPDATE room SET taken = 0, by_role = '{}' WHERE room_id = :room", room=forgotten.room_id)
    assert await heal(lonely) == {"fill-seats": 1}
    assert (await lonely.statuses(forgotten))[second] == "offered"
    assert await swept(lonely) == []


@asynccontextmanager
async def outbox_closed(membership: MembershipService) -> AsyncIterator[None]:
    """Keep everybody from writing into the outbox while the block runs."""
    async with membership.pool.begin() as connection:
        await connection.execute(text("LOCK TABLE outbox IN EXCLUSIVE MODE"))
        yield


async def test_two_copies_that_look_at_once_send_each_command_once(lonely: MembershipService) -> None:
    await an_offer(lonely)
    await lose_all_timers(lonely)
    await expire(lonely, "offered")
    running = Running(lonely.transaction.background, None)
    async with outbox_closed(lonely):
        first = asyncio.create_task(sweep_once(running))
        waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass"

        async def is_held_up() -> bool:
            return bool(await lonely.rows(waits))

        await eventually(is_held_up)
        assert await sweep_once(running) == 0
    assert await first == 1
    assert len(await lonely.rows("SELECT 1 FROM outbox WHERE routing_key = 'membership.lapse-offer.v1'")) == 1


LIKE_IT = """
INSERT INTO room (room_id, snapshot, capacity, taken, held, waiting, pending, by_role, most, last_number, told)
SELECT new_id, replace(snapshot, room_id::text, new_id::text), capacity, taken, held, waiting, pending, by_role, most,
       last_number, told
FROM room
CROSS JOIN generate_series(1, :many) AS n
CROSS JOIN LATERAL (SELECT md5(room_id::text || n)::uuid) AS new (new_id)
"""
PEOPLE_LIKE_THEM = """
INSERT INTO membership (membership_id, room_id, person_id, status, version, number, priority, wishes, role, set_aside,
                        since, offer_expires_at, invitation_expires_at, request_expires_at, by, answers)
SELECT gen_random_uuid(), md5(room_id::text || n)::uuid, gen_random_uuid(), status, version, number, priority, wishes,
       role, set_aside, since, offer_expires_at, invitation_expires_at, request_expires_at, by, answers
FROM membership, generate_series(1, :many) AS n
"""


async def repeat(membership: MembershipService, many: int) -> None:
    """Add so many rooms like each that is there, each with people like those in it."""
    await membership.change(LIKE_IT, many=many)
    await membership.change(
        PEOPLE_LIKE_THEM.replace("FROM membership,", "FROM (SELECT * FROM membership) AS m,"), many=many
    )
    await membership.change("ANALYZE")


SEATS = "UPDATE room SET capacity = 9, most = 9, snapshot = jsonb_set(snapshot::jsonb, '{capacity}', '9')::text"
NO_WAITLIST = "UPDATE room SET snapshot = jsonb_set(snapshot::jsonb, '{access,waitlist,enabled}', 'false')::text"
UNFILLABLE: dict[str, tuple[dict[str, Any], str]] = {
    "full": ({}, "SELECT 1"),
    "without a waitlist": ({}, f"{SEATS}; {NO_WAITLIST}"),
    "people set aside": ({}, SEATS + "; UPDATE membership SET set_aside = true WHERE status = 'waitlisted'"),
    "other roles preferred": (
        {"roles": [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 3}]},
        SEATS + "; UPDATE membership SET wishes = '{coach,gone}' WHERE status = 'waitlisted'",
    ),
    "every role full": ({"roles": [{"name": "coach", "seats": 1}]}, SEATS),
}
"""Rooms in which a fill changes nothing, though somebody waits: the room, and what is done to it afterwards."""


@pytest.mark.parametrize("kind", UNFILLABLE)
async def test_rooms_that_a_fill_would_not_change_send_nothing(lonely: MembershipService, kind: str) -> None:
    fields, change = UNFILLABLE[kind]
    room = await lonely.publish(capacity=1, **fields)
    await lonely.join(room, *people(3))
    for statement in change.split(";"):
        await lonely.change(statement)
    await repeat(lonely, 3 * CHUNK)
    [(waiting,)] = await lonely.rows("SELECT count(*) FROM room WHERE waiting > 0")
    assert waiting == 3 * CHUNK + 1
    assert await swept(lonely) == []


async def test_each_kind_is_taken_up_in_chunks_and_everything_heals_in_the_end(lonely: MembershipService) -> None:
    await an_offer(lonely)
    asked = await lonely.publish(policy="approval")
    await lonely.join(asked, *people(1))
    await invited(lonely, asked, *people(1))
    over = await lonely.publish()
    await lonely.join(over, *people(1))
    for status in EXPIRIES:
        await expire(lonely, status)
    forgotten = await lonely.publish(capacity=1)
    await lonely.join(forgotten, *people(2))
    await lonely.change(f"{END} WHERE room_id = :room", room=over.room_id)
    more = "UPDATE room SET capacity = 2, most = 2, snapshot = jsonb_set(snapshot::jsonb, '{capacity}', '2')::text"
    await lonely.change(f"{more} WHERE room_id = :room", room=forgotten.room_id)
    chunk = 20
    await repeat(lonely, 2 * chunk)
    await lose_all_timers(lonely)
    names = ("lapse-offer", "lapse-invitation", "lapse-request", "end-memberships", "fill-seats")
    for _ in range(2):
        assert await heal(lonely, chunk=chunk) == dict.fromkeys(names, chunk)
    assert await heal(lonely, chunk=chunk) == dict.fromkeys(names, 1)
    assert await swept(lonely) == []


async def test_thousands_of_rooms_to_fill_are_a_chunk_of_commands_at_a_time(lonely: MembershipService) -> None:
    await lonely.join(await lonely.publish(capacity=1), *people(2))
    await lonely.change(SEATS)
    await repeat(lonely, MANY)
    assert len(await swept(lonely)) == CHUNK


async def test_those_that_have_been_overdue_longest_are_in_the_first_chunk(lonely: MembershipService) -> None:
    room, persons = await lonely.publish(policy="approval"), people(6)
    await lonely.join(room, *persons)
    await lose_all_timers(lonely)
    await expire(lonely, "requested")
    by_rule = "UPDATE membership SET request_expires_at = NULL, since = now() - interval '99 days'"
    await lonely.change(f"{by_rule} WHERE person_id = :first", first=persons[5])
    later = "UPDATE membership SET request_expires_at = now() - interval '61 seconds' WHERE person_id = :last"
    await lonely.change(later, last=persons[3])
    found = {UUID(data["person_id"]) for _, data in await swept(lonely, chunk=5)}
    assert found == {*persons} - {persons[3]}


async def sent(membership: MembershipService) -> Sequence[Any]:
    """Take out of the outbox what a look has sent; nothing is handled, as in a room that a release cannot read."""
    rows = await membership.rows("SELECT routing_key, subject FROM outbox")
    await membership.change("DELETE FROM outbox")
    return rows


async def test_a_room_that_cannot_be_healed_keeps_no_other_from_it(lonely: MembershipService) -> None:
    rooms = [await lonely.publish(policy="approval") for _ in range(3)]
    for room in rooms:
        await lonely.join(room, *people(5))
        await invited(lonely, room, *people(5))
    await lose_all_timers(lonely)
    for status in ("requested", "invited"):
        await expire(lonely, status)
    rounds, running = Rounds(), Running(lonely.transaction.background, None)
    looks = []
    for _ in range(3):
        await sweep_once(running, rounds=rounds, chunk=4, of_room=3)
        rows = await sent(lonely)
        looks.append(Counter((row.routing_key.split(".")[1], UUID(row.subject)) for row in rows))
    first, second, third = sorted(room.room_id for room in rooms)
    for kind in ("lapse-request", "lapse-invitation"):
        found = [{room: n for (name, room), n in look.items() if name == kind} for look in looks]
        assert found == [{first: 3, second: 1}, {third: 3}, {first: 3, second: 1}]


async def test_looks_for_rooms_to_fill_and_to_end_go_on_from_the_last_room(lonely: MembershipService) -> None:
    await lonely.join(await lonely.publish(capacity=1), *people(2))
    over = await lonely.publish(capacity=1)
    await lonely.join(over, *people(2))
    await repeat(lonely, 3)
    await lonely.change(f"{END} WHERE room_id IN (SELECT room_id FROM room ORDER BY room_id LIMIT 4)")
    await lonely.change(SEATS)
    await lose_all_timers(lonely)
    rounds, running = Rounds(), Running(lonely.transaction.background, None)
    found: list[tuple[str, str]] = []
    for _ in range(2):
        assert await sweep_once(running, rounds=rounds, chunk=2) == 4
        found += [(row.routing_key.split(".")[1], row.subject) for row in await sent(lonely)]
    assert Counter(name for name, _ in found) == {"end-memberships": 4, "fill-seats": 4}
    assert len({room for _, room in found}) == 8


async def test_one_command_ends_all_overdue_offers_of_a_room_and_fills_its_seats(lonely: MembershipService) -> None:
    room, persons = await lonely.publish(capacity=3), people(8)
    await lonely.join(room, *persons)
    for person in persons[:2]:
        await lonely.send(Withdraw(room_id=room.room_id, person_id=person), by=person)
    await lose_all_timers(lonely)
    await expire(lonely, "offered")
    await lonely.change(SEATS)
    assert await heal(lonely) == {"lapse-offer": 1}
    assert Counter((await lonely.statuses(room)).values()) == {"withdrawn": 2, "joined": 1, "lapsed": 2, "offered": 3}


async def test_a_command_of_the_sweep_that_comes_late_changes_nothing(lonely: MembershipService) -> None:
    room, late, _ = await an_offer(lonely)
    asked, [guest] = await lonely.publish(policy="approval"), people(1)
    await invited(lonely, asked, guest)
    ends = [(room, late, "offered"), (asked, guest, "invited")]
    for status in EXPIRIES:
        await expire(lonely, status)
    commands = await swept(lonely)
    assert len(commands) == len(ends)
    for status, column in EXPIRIES.items():
        await lonely.change(f"UPDATE membership SET {column} = now() + interval '1 day' WHERE status = '{status}'")
    await handle(lonely, commands)
    for where, person, status in ends:
        assert (await lonely.statuses(where))[person] == status


async def test_a_request_ends_with_its_timer_whatever_the_room_says_later(
    lonely: MembershipService,
) -> None:
    room, [person] = await lonely.publish(policy="approval", request_expires_after_days=9), people(1)
    await lonely.join(room, person)
    [row] = await lonely.rows(
        "SELECT request_expires_at, since, due_at FROM membership JOIN timer ON key = 'request:' || membership_id"
    )
    assert row.request_expires_at == row.due_at == row.since + timedelta(days=9)
    await lonely.send(Withdraw(room_id=room.room_id, person_id=person), by=person)
    [left] = await lonely.rows("SELECT status, request_expires_at FROM membership")
    assert tuple(left) == ("withdrawn", None)


async def test_what_the_sweep_asks_for_has_an_index_behind_it(lonely: MembershipService) -> None:
    asked = await lonely.publish(policy="approval")
    await lonely.join(asked, *people(2))
    await invited(lonely, asked, *people(2))
    quiet = await lonely.publish(capacity=30)
    await lonely.join(quiet, *people(10))
    await repeat(lonely, MANY)
    await cancel(lonely, quiet)
    await an_offer(lonely)
    await lonely.change("ANALYZE")
    with statements(lonely) as issued:
        assert await swept(lonely) == []
    looked = [each for each in issued if any(view in each[0] for view in ("overdue_", "room_to_"))]
    assert len(looked) == 5
    async with lonely.pool.connect() as connection:
        for statement, values in looked:
            explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
            [[plan]] = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in explained]
            reads = [node for node in nodes(plan["Plan"]) if node["Node Type"] == "Seq Scan" and node["Actual Loops"]]
            assert not reads, (statement, json.dumps(plan, indent=1))
