"""What was lost heals: the sweep finds what a lost command would have done, one copy at a time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text
from tests.integration.membership.membership_service import MembershipService, people
from tests.integration.membership.sweeping import (
    END,
    EXPIRIES,
    SEATS,
    an_offer,
    cancel,
    expire,
    handle,
    heal,
    invited,
    lose_all_timers,
    swept,
)
from tests.support.eventually import eventually
from tests.unit.membership.builders import HOST

from practio_chassis.service import Running
from practio_contracts.membership import Withdraw
from practio_membership.handlers.internal import MOST_ENDED_AT_ONCE
from practio_membership.periodic.sweep import sweep_once


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
