"""The measured loads: join requests through the services, and the same messages through the bare loop."""

import asyncio
import json
from collections.abc import Sequence

import aio_pika
from tests.bench.baseline import COMMANDS
from tests.bench.measure import PreparedMessage
from tests.support.clients.commands import a_room, about, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.raw_publisher import CONTENT_TYPE
from tests.support.eventually import eventually

REQUEST = "membership.request-to-join.v1"
AT_ONCE = 50


async def published_rooms(outside: OutsideSystem, count: int, *, capacity: int) -> list[str]:
    """Open rooms without approval, known to membership; return their ids."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def open_one() -> str:
        async with limit:
            room = a_room(capacity=capacity, policy="open")
            host = new_id()
            await outside.send("rooms.create-room.v1", room, actor=host)
            await outside.send("rooms.publish-room.v1", {"room_id": room["room_id"]}, actor=host)
            await eventually(lambda: _is_known(outside, room["room_id"]), message="membership knows the room")
            return str(room["room_id"])

    return list(await asyncio.gather(*(open_one() for _ in range(count))))


async def _is_known(outside: OutsideSystem, room_id: str) -> bool:
    answer = await outside.query("membership.get-roster.v1", {"room_id": room_id}, actor="system")
    return answer.get("code") is None


def join_requests(outside: OutsideSystem, rooms: Sequence[str], count: int) -> list[PreparedMessage]:
    """Return the requests of ``count`` people, spread over ``rooms`` in turn, as the outside account publishes them."""
    return [
        _join_request(outside, rooms[number % len(rooms)], routing_key=REQUEST, user_id=outside.account)
        for number in range(count)
    ]


def bare_messages(outside: OutsideSystem, count: int) -> list[PreparedMessage]:
    """Return messages of the same size for the baseline's queue."""
    room = new_id()
    return [_join_request(outside, room, routing_key=COMMANDS, user_id=None) for _ in range(count)]


def _join_request(outside: OutsideSystem, room_id: str, *, routing_key: str, user_id: str | None) -> PreparedMessage:
    person = new_id()
    event = outside.envelope(REQUEST, about(room_id, person), actor=person)
    message = aio_pika.Message(
        json.dumps(event).encode(),
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=event["id"],
        user_id=user_id,
    )
    return PreparedMessage(event["id"], routing_key, message)
