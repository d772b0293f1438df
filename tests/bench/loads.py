"""The measured loads: requests and approvals through the services, and messages like them through the bare loop."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import aio_pika
from tests.bench.baseline import COMMANDS
from tests.bench.measure import PreparedMessage
from tests.support.clients.actions import APPROVE
from tests.support.clients.commands import Data, a_room, about, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.raw_publisher import CONTENT_TYPE
from tests.support.eventually import eventually

REQUEST = "membership.request-to-join.v1"
AT_ONCE = 50


async def published_rooms(
    outside: OutsideSystem, count: int, *, capacity: int, policy: str = "open", host: str | None = None
) -> list[str]:
    """Open rooms that membership knows, by default each with a host of its own; return their ids."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def open_one() -> str:
        async with limit:
            room, by = a_room(capacity=capacity, policy=policy), host or new_id()
            await outside.send("rooms.create-room.v1", room, actor=by)
            await outside.send("rooms.publish-room.v1", {"room_id": room["room_id"]}, actor=by)
            await eventually(lambda: _is_known(outside, room["room_id"]), message="membership knows the room")
            return str(room["room_id"])

    return list(await asyncio.gather(*(open_one() for _ in range(count))))


async def _is_known(outside: OutsideSystem, room_id: str) -> bool:
    answer = await outside.query("membership.get-roster.v1", {"room_id": room_id}, actor="system")
    return answer.get("code") is None


def join_requests(outside: OutsideSystem, rooms: Sequence[str], count: int) -> list[PreparedMessage]:
    """Return the requests of ``count`` people, spread over ``rooms`` in turn, as the outside account publishes them."""
    return [_join_request(outside, rooms[number % len(rooms)]) for number in range(count)]


def approvals(outside: OutsideSystem, requests: Sequence[PreparedMessage], host: str) -> list[PreparedMessage]:
    """Return the approval of each request by the host of all rooms."""
    return [_prepared(outside, APPROVE, json.loads(each.message.body)["data"], actor=host) for each in requests]


def actors_of(messages: Sequence[PreparedMessage]) -> list[str]:
    """Return who sends each message."""
    return [json.loads(each.message.body)["actor"] for each in messages]


def bare_messages(outside: OutsideSystem, count: int) -> list[PreparedMessage]:
    """Return messages of the same size for the baseline's queue, by nobody's account."""
    room = new_id()
    found = [replace(_join_request(outside, room), routing_key=COMMANDS) for _ in range(count)]
    for each in found:
        each.message.user_id = None
    return found


def _join_request(outside: OutsideSystem, room_id: str) -> PreparedMessage:
    person = new_id()
    return _prepared(outside, REQUEST, about(room_id, person), actor=person)


def _prepared(outside: OutsideSystem, command: str, data: Data, *, actor: str) -> PreparedMessage:
    event = outside.envelope(command, data, actor=actor)
    message = aio_pika.Message(
        json.dumps(event).encode(),
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=event["id"],
        user_id=outside.account,
    )
    return PreparedMessage(event["id"], command, message)
