"""Batches of events between services: however events are divided, they have the same effects, each its own end."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from functools import partial

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue
from tests.support.clients.actions import OpenRoom, a_published_room, is_known, roster
from tests.support.clients.commands import Data, a_room, new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.raw_publisher import RawPublisher
from tests.support.eventually import eventually
from tests.support.faults.database import a_fault
from tests.support.oracles.dead_letters import dead_letter
from tests.support.stack.logins import broker_of
from tests.support.stack.running import RunningStack

from practio_chassis.broker import event_batches
from practio_chassis.broker.queue_names import batch_key
from practio_operator.provisioning.database import administering

DIVISIONS = ([4], [1, 3], [2, 2], [3, 1], [1, 1, 2], [1, 2, 1], [2, 1, 1], [1, 1, 1, 1])


async def test_events_late_doubled_and_divided_in_any_way_end_in_the_same_rooms(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    cases = list(zip(itertools.permutations(range(4)), itertools.cycle(DIVISIONS), strict=False))
    rooms = [OpenRoom(new_id(), host=new_id()) for _ in cases]
    last = OpenRoom(new_id(), host=new_id())
    async with a_publisher(stack) as publisher:
        for (order, division), room in zip(cases, rooms, strict=True):
            life = a_life_of(publisher, room)
            events = iter([life[number] for number in order])
            for size in division:
                await publish(publisher, [*itertools.islice(events, size), life[order[0]]])
        await publish(publisher, a_life_of(publisher, last)[:1])
    await eventually(lambda: is_known(outside, last), message="membership has received the last event")

    for case, room in zip(cases, rooms, strict=True):
        assert (await roster(outside, room))["capacity"] == 6, case
    await are_forgotten(stack, *rooms, last)


async def test_an_invalid_and_a_failing_event_of_a_batch_harm_no_other(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    rooms = [OpenRoom(new_id(), host=new_id()) for _ in range(4)]
    async with a_publisher(stack) as publisher:
        events = [a_life_of(publisher, room)[0] for room in rooms]
        _, invalid, failing, _ = events
        invalid["data"] = {}
        async with a_fault(stack, service="membership", message_id=failing["id"]):
            await publish(publisher, events)
            for room in (rooms[0], rooms[3]):
                await eventually(partial(is_known, outside, room), message="the others are handled")
            letters = [await dead_letter(stack, each["id"]) for each in (invalid, failing)]
        assert [(each["queue"], each["reason"]) for each in letters] == [
            ("membership.events", "invalid"),
            ("membership.events", "gave-up"),
        ]
        assert "4 attempts" in letters[1]["detail"]
        assert not await is_known(outside, rooms[2])

    assert json.loads(await practio(stack, "dead", "retry", failing["id"], "--json")) == [failing["id"]]
    await eventually(lambda: is_known(outside, rooms[2]), message="the event is handled, put back alone")
    await practio(stack, "dead", "drop", invalid["id"])
    await are_forgotten(stack, *rooms)


async def test_a_batch_that_a_killed_service_had_in_hand_is_handled_once(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    rooms = [OpenRoom(new_id(), host=new_id()) for _ in range(50)]
    async with a_publisher(stack) as publisher:
        events = [a_life_of(publisher, room)[0] for room in rooms]
        async with a_fault(stack, service="membership", message_id=events[-1]["id"], times=1):
            await asyncio.gather(
                publish(publisher, events),
                stack.services["membership"].restart_after_kill(),
                publish(publisher, events),
            )
            await eventually(lambda: is_known(outside, rooms[-1]), within=60, message="the last event is handled")
    async with administering(stack.target) as connection:
        ids = [each["id"] for each in events]
        kept = await connection.fetch("SELECT id FROM membership.inbox WHERE id = ANY($1)", ids)
        known = await connection.fetchval(
            "SELECT count(*) FROM membership.room WHERE room_id = ANY($1::uuid[])", [room.room_id for room in rooms]
        )
    assert (sorted(row["id"] for row in kept), known) == (sorted(ids), len(rooms))
    await are_forgotten(stack, *rooms)


async def test_a_batch_of_an_outside_system_reaches_no_service(outside: OutsideSystem, stack: RunningStack) -> None:
    room = OpenRoom(new_id(), host=new_id())
    async with a_publisher(stack) as publisher:
        event = a_life_of(publisher, room)[0]
    body = event_batches.write([json.dumps(event).encode()])
    properties = {"content_type": event_batches.CONTENT_TYPE}
    await outside.publish_raw("practio.commands", "membership.withdraw.v1", body, id=event["id"], **properties)
    letter = await dead_letter(stack, event["id"])
    assert (letter["queue"], letter["reason"]) == ("membership.commands", "unreadable")
    assert not await is_known(outside, room)
    await practio(stack, "dead", "drop", event["id"])


async def test_services_exchange_batches_and_outside_systems_receive_single_events(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    name = "rooms.room-published.v1"
    async with await aio_pika.connect(stack.servers.urls.broker_url) as connection:
        channel = await connection.channel()
        copies = await channel.declare_queue(exclusive=True)
        for key in (batch_key("rooms", "membership"), batch_key("rooms", "notifications"), name):
            await copies.bind("practio.internal", key)
        room = await a_published_room(outside)
        await eventually(
            lambda: any(event["subject"] == room.room_id for event in outside.events[name]), message="a single event"
        )
        found = [message async for message in waiting_in(copies)]
    assert {message.content_type for message in found} == {event_batches.CONTENT_TYPE}
    for reader in ("membership", "notifications"):
        batches = [json.loads(each.body) for each in found if each.routing_key == batch_key("rooms", reader)]
        events = [event for batch in batches for event in batch if event["subject"] == room.room_id]
        assert [event["type"] for event in events if event["type"] == f"practio.{name}"] == [f"practio.{name}"]
        assert all("place" in event["data"]["room"] for event in events)


async def waiting_in(queue: AbstractQueue) -> AsyncIterator[AbstractIncomingMessage]:
    """Yield what waits in a queue."""
    while (message := await queue.get(no_ack=True, fail=False)) is not None:
        yield message


def a_publisher(stack: RunningStack) -> RawPublisher:
    """Return a publisher with the account of rooms."""
    return RawPublisher(broker_of(stack.target, "rooms"), source="/practio/rooms")


async def publish(publisher: RawPublisher, events: Sequence[Data]) -> None:
    """Publish events of rooms as one batch for membership."""
    body = event_batches.write(json.dumps(event).encode() for event in events)
    properties = {
        "content_type": event_batches.CONTENT_TYPE,
        "headers": {event_batches.HEADER_EVENTS: len(events)},
    }
    await publisher.publish_raw("practio.internal", batch_key("rooms", "membership"), body, id=new_id(), **properties)


def a_life_of(rooms: RawPublisher, room: OpenRoom) -> list[Data]:
    """Return four events of one room: published with three seats, then one more each time."""
    stated = a_room(policy="open") | {"room_id": room.room_id, "host_id": room.host, "status": "published"}
    names = ["rooms.room-published.v1", *["rooms.room-revised.v1"] * 3]
    return [
        rooms.envelope(
            name,
            {"room": stated | {"version": version, "capacity": version + 1}, "changed_fields": ["capacity"]},
            subject=room.room_id,
            sequence=str(version),
            correlationid=new_id(),
            causationid=new_id(),
        )
        for version, name in enumerate(names, start=2)
    ]


async def are_forgotten(stack: RunningStack, *rooms: OpenRoom) -> None:
    """Delete the rooms from membership that rooms does not know, so that the invariants hold again."""
    async with administering(stack.target) as connection:
        ids = [room.room_id for room in rooms]
        await connection.execute("DELETE FROM membership.room WHERE room_id = ANY($1::uuid[])", ids)
