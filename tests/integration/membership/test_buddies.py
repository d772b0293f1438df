"""Buddies on a real database: who reads them, and that they end with leaving and erasure."""

import json
from uuid import UUID

from tests.integration.membership.membership_service import Data, MembershipService, people
from tests.support.stack.example_service import received
from tests.unit.membership.builders import HOST

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    AssignBuddy,
    BuddyAssigned,
    GetMembership,
    GetRoster,
    MembershipResult,
    Roster,
    Withdraw,
)
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Room


async def assign(membership: MembershipService, room: Room, person: UUID, buddy: UUID | None) -> Data:
    command = AssignBuddy(room_id=room.room_id, person_id=person, buddy_id=buddy)
    return await membership.send(command, by=HOST)


async def assigned(membership: MembershipService, room: Room) -> list[tuple[str, str | None]]:
    rows = await membership.rows("SELECT routing_key, coalesce(internal, public) AS body FROM outbox ORDER BY id")
    events = [json.loads(row.body)["data"] for row in rows if row.routing_key == BuddyAssigned.routing_key]
    return [(each["person_id"], each["buddy_id"]) for each in events if each["room_id"] == str(room.room_id)]


async def pairs(membership: MembershipService, room: Room) -> dict[UUID, UUID]:
    rows = await membership.rows("SELECT person_id, buddy_id FROM buddy WHERE room_id = :room", room=room.room_id)
    return {row.person_id: row.buddy_id for row in rows}


async def shown(membership: MembershipService, room: Room, person: UUID, by: UUID) -> MembershipResult | Refusal:
    found = await membership.query(GetMembership(room_id=room.room_id, person_id=person), by=by)
    assert isinstance(found, MembershipResult | Refusal)
    return found


async def test_both_and_the_offices_read_who_is_whose_buddy(membership: MembershipService) -> None:
    room, [new, old, other] = await membership.publish(capacity=5), people(3)
    await membership.join(room, new, old, other)
    assert (await assign(membership, room, new, old))["changed"] is True
    assert (await assign(membership, room, other, old))["changed"] is True
    assert (await assign(membership, room, new, old))["changed"] is False
    roster = await membership.query(GetRoster(room_id=room.room_id), by=HOST)
    assert isinstance(roster, Roster)
    assert {each.membership.person_id: each.buddy_id for each in roster.entries} == {new: old, other: old, old: None}
    first, second = [await shown(membership, room, each, each) for each in (new, old)]
    assert isinstance(first, MembershipResult)
    assert isinstance(second, MembershipResult)
    assert (first.buddy_id, first.buddy_of) == (old, [])
    assert (second.buddy_id, second.buddy_of) == (None, sorted([new, other]))
    assert isinstance(await shown(membership, room, new, other), Refusal)


async def test_leaving_and_erasure_end_it_once_and_leave_no_row(membership: MembershipService) -> None:
    room, [one, two, three] = await membership.publish(capacity=5), people(3)
    await membership.join(room, one, two, three)
    for person, buddy in ((one, two), (three, two), (two, one)):
        await assign(membership, room, person, buddy)
    leaving = received(Withdraw(room_id=room.room_id, person_id=one), actor=one)
    await membership.take(leaving)
    await membership.take(leaving)
    assert await pairs(membership, room) == {three: two}
    assert sorted((await assigned(membership, room))[3:]) == sorted([(str(one), None), (str(two), None)])
    await membership.take(received(PersonErased(person_id=two), subject=str(two), sequence="9", actor=None))
    assert await pairs(membership, room) == {}
    assert (await assigned(membership, room))[5:] == [(str(three), None)]


async def test_a_batch_sees_its_own_changes(membership: MembershipService) -> None:
    room, [one, two] = await membership.publish(capacity=5), people(2)
    await membership.join(room, one, two)
    given = AssignBuddy(room_id=room.room_id, person_id=one, buddy_id=two)
    leaves = received(Withdraw(room_id=room.room_id, person_id=two), actor=two)
    answers = await membership.take(received(given, actor=HOST), leaves, received(given, actor=HOST))
    assert [each["data"].get("code") for each in answers] == [None, None, "not-a-member"]
    assert await pairs(membership, room) == {}
    assert await assigned(membership, room) == [(str(one), str(two)), (str(one), None)]
