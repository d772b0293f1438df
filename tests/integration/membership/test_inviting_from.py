"""Inviting people of another room on a real database: one transaction a room, messages between, and what heals."""

import json
from typing import Any
from uuid import UUID

from tests.integration.membership.membership_service import Data, MembershipService, of_ourselves, people
from tests.support.stack.example_service import received
from tests.unit.membership.builders import HOST

from practio_chassis.service import Running
from practio_contracts.membership import AcceptInvitation, GetHistory, GiveUpPlace, History, InviteFrom
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Room
from practio_membership.periodic.sweep import sweep_once


async def a_split(membership: MembershipService, waiting: int, seats: int = 9) -> tuple[Room, Room, list[UUID]]:
    """Return a full room, a second one, and the people who wait in the first, all of them invited to the second."""
    first, second = await membership.publish(capacity=1), await membership.publish(capacity=seats, policy="invitation")
    persons = people(waiting + 1)
    await membership.join(first, *persons)
    answer = await invite(membership, first, second, persons[1:])
    assert [each["status"] for each in answer["state"]["outcomes"]] == ["invited"] * waiting
    return first, second, persons[1:]


async def invite(membership: MembershipService, first: Room, second: Room, persons: list[UUID], **fields: Any) -> Data:
    about = {"room_id": second.room_id, "from_room_id": first.room_id, "person_ids": persons}
    return await membership.send(InviteFrom.model_validate(about | fields), by=HOST)


async def accept(membership: MembershipService, room: Room, person: UUID) -> Data:
    return await membership.send(AcceptInvitation(room_id=room.room_id, person_id=person), by=person)


async def on_their_way(membership: MembershipService, first: Room) -> list[GiveUpPlace]:
    """Return the commands to a room that have not arrived, taken out of the outbox."""
    rows = await membership.rows("SELECT routing_key, internal FROM outbox ORDER BY id")
    data = [json.loads(row.internal)["data"] for row in rows if row.routing_key == GiveUpPlace.routing_key]
    return [GiveUpPlace.model_validate(each) for each in data if each["room_id"] == str(first.room_id)]


async def test_places_end_with_seats_in_order_and_with_their_history(membership: MembershipService) -> None:
    first, second, waiting = await a_split(membership, 4)
    for person in (waiting[2], waiting[0]):
        assert (await accept(membership, second, person))["state"]["status"] == "joined"
    commands = await on_their_way(membership, first)
    assert [each.person_id for each in commands] == [waiting[2], waiting[0]]
    for command in commands:
        one = of_ourselves(command)
        await membership.take(one)
        await membership.take(one)
    statuses = await membership.statuses(first)
    assert [statuses[each] for each in waiting] == ["withdrawn", "waitlisted", "withdrawn", "waitlisted"]
    history = await membership.query(GetHistory(room_id=first.room_id, person_id=waiting[0]), by=waiting[0])
    assert isinstance(history, History)
    assert [each.to_status for each in history.changes] == ["waitlisted", "withdrawn"]
    names = [name for name, _ in await membership.events(first)]
    assert names.count("withdrawn") == 2


async def test_a_batch_may_hold_every_step(membership: MembershipService) -> None:
    first, second, [one, two] = await a_split(membership, 2, seats=1)
    yes = [received(AcceptInvitation(room_id=second.room_id, person_id=each), actor=each) for each in (two, one)]
    again = InviteFrom(room_id=second.room_id, from_room_id=first.room_id, person_ids=[one, two])
    erased = received(PersonErased(person_id=two), subject=str(two), sequence="9", actor=None)
    answers = await membership.take(*yes, received(again, actor=HOST), erased)
    assert [each["status"] for each in answers[2]["data"]["state"]["outcomes"]] == ["waitlisted", "joined"]
    assert (await membership.statuses(second))[one] == "offered"
    statuses = await membership.statuses(first)
    assert [statuses[one], statuses[two]] == ["waitlisted", "withdrawn"]


async def test_a_lost_command_heals_once(membership: MembershipService) -> None:
    first, second, [one, two] = await a_split(membership, 2)
    for person in (one, two):
        await accept(membership, second, person)
    await membership.change("DELETE FROM outbox")
    await membership.change(
        "UPDATE membership SET since = since - interval '5 minutes', requested_at = requested_at - interval '5 minutes'"
    )
    await membership.change("UPDATE membership SET requested_at = now() WHERE person_id = :two", two=two)
    await sweep_once(Running(membership.transaction.background, None))
    commands = await on_their_way(membership, first)
    assert [each.person_id for each in commands] == [one], "who asked again after their seat waits on"
    await membership.take(*(of_ourselves(each) for each in commands))
    statuses = await membership.statuses(first)
    assert [statuses[one], statuses[two]] == ["withdrawn", "waitlisted"]
