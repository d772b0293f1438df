"""The same message again has the effect, and the answer, of once (promises 3 and 5)."""

import asyncio
import itertools

from tests.support.clients.actions import REQUEST, OpenRoom, a_published_room, accepted, asks, is_known, roster
from tests.support.clients.commands import Data, a_person, a_room, about, new_id
from tests.support.clients.outside import COMMANDS, DIRECTORY, OutsideSystem
from tests.support.clients.raw_publisher import RawPublisher
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger
from tests.support.stack.logins import broker_of
from tests.support.stack.running import RunningStack

from practio_operator.provisioning.database import administering

INTERNAL = "practio.internal"


async def test_the_same_command_three_times_and_again_after_a_restart_has_one_effect_and_one_answer(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    room = await a_published_room(outside, capacity=3, policy="open")
    person = new_id()
    command = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    await asyncio.gather(*(outside.publish(COMMANDS, command) for _ in range(3)))
    await eventually(lambda: len(outside.answers[command["id"]]) == 3, message="three answers")
    await stack.services["membership"].restart_after_kill()
    await outside.answer_to(command, exchange=COMMANDS)

    first, *others = outside.answers[command["id"]]
    assert first["data"]["state"]["status"] == "joined"
    # A service killed between its answer and its acknowledgement answers once more.
    assert len(others) >= 3
    assert all(other == first for other in others)
    await ledger.is_clean()
    assert len({event["id"] for event in outside.events["membership.joined.v1"] if is_about(event, person)}) == 1


async def test_the_same_id_with_another_command_gets_the_first_answer(outside: OutsideSystem) -> None:
    room = await a_published_room(outside, capacity=3, policy="open")
    first, second, identity = new_id(), new_id(), new_id()
    answer = await outside.send(REQUEST, about(room.room_id, first), actor=first, id=identity)

    again = await outside.send(REQUEST, about(room.room_id, second), actor=second, id=identity)

    assert again == answer
    assert (await roster(outside, room))["seats_taken"] == 1


async def test_people_events_late_doubled_and_shuffled_leave_the_newest_address(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    orders = list(itertools.permutations(range(3)))
    room = await a_published_room(outside, capacity=len(orders), policy="open")
    for order in orders:
        person = new_id()
        events = [a_version_of(outside, person, number) for number in range(3)]
        for number in (*order, *order):
            await outside.publish(DIRECTORY, events[number])
        await accepted(asks(outside, room, person))
        await the_newest_has_the_letter(stack, [event["data"]["email"] for event in events])


async def test_room_events_late_doubled_and_shuffled_end_in_the_same_rooms(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    orders = list(itertools.permutations(range(4)))
    rooms = [OpenRoom(new_id(), host=new_id()) for _ in orders]
    last = OpenRoom(new_id(), host=new_id())

    async with RawPublisher(broker_of(stack.target, "rooms"), source="/practio/rooms") as rooms_account:
        for order, room in zip(orders, rooms, strict=True):
            for number in (*order, *order[:2]):
                await rooms_account.publish(INTERNAL, a_life_of(rooms_account, room)[number])
        await rooms_account.publish(INTERNAL, a_life_of(rooms_account, last)[0])
    await eventually(lambda: is_known(outside, last), message="membership has received the last event")

    for order, room in zip(orders, rooms, strict=True):
        assert (await roster(outside, room))["capacity"] == 7, order
        assert (await asks(outside, room, new_id()))["code"] == "room-not-open", order
    await are_forgotten(stack, *rooms, last)


def is_about(event: Data, person: str) -> bool:
    return bool(event["data"]["membership"]["person_id"] == person)


async def are_forgotten(stack: RunningStack, *rooms: OpenRoom) -> None:
    """Delete the rooms from membership that rooms does not know, so that the invariants hold again."""
    async with administering(stack.target) as connection:
        ids = [room.room_id for room in rooms]
        await connection.execute("DELETE FROM membership.room WHERE room_id = ANY($1::uuid[])", ids)


async def the_newest_has_the_letter(stack: RunningStack, addresses: list[str]) -> None:
    *older, newest = addresses
    await eventually(lambda: stack.mailbox.to(newest), message="a letter to the newest address")
    assert not any(stack.mailbox.to(address) for address in older)


def a_version_of(outside: OutsideSystem, person: str, number: int) -> Data:
    data = a_person(person_id=person) | {"email": f"{number}.{person}@example.org"}
    name = "people.person-registered.v1" if number == 0 else "people.person-changed.v1"
    return outside.envelope(name, data, subject=person, sequence=str(number + 1))


def a_life_of(rooms: RawPublisher, room: OpenRoom) -> list[Data]:
    """Return four events of one room as rooms publishes them: published, made larger, made larger again, closed."""
    steps = [("room-published", 3), ("room-revised", 5), ("room-revised", 7), ("room-closed", 7)]
    return [
        rooms.envelope(
            f"rooms.{name}.v1",
            {"room": snapshot(room, version, capacity, closed=name == "room-closed"), "changed_fields": ["capacity"]},
            subject=room.room_id,
            sequence=str(version),
            correlationid=new_id(),
            causationid=new_id(),
        )
        for version, (name, capacity) in enumerate(steps, start=2)
    ]


def snapshot(room: OpenRoom, version: int, capacity: int, *, closed: bool) -> Data:
    stated = a_room(capacity=capacity, policy="open") | {"room_id": room.room_id, "host_id": room.host}
    return stated | {"version": version, "status": "closed" if closed else "published"}
