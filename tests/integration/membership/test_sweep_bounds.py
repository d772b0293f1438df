"""The sweep is bounded: many rooms are taken up in chunks, and none keeps the others from it."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from tests.integration.membership.membership_service import MembershipService, people
from tests.integration.membership.query_plans import nodes, statements
from tests.integration.membership.sweeping import (
    END,
    EXPIRIES,
    SEATS,
    an_offer,
    cancel,
    expire,
    heal,
    invited,
    lose_all_timers,
    swept,
)

from practio_chassis.service import Running
from practio_membership.periodic.sweep import CHUNK, Rounds, sweep_once

MANY = 3_000
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
