"""Every command and query is answered, whatever others do to the connection, and whatever its handler meets."""

import asyncio
import json
import struct
from base64 import b64encode

import asyncpg
import pytest
from tests.support.clients.actions import REQUEST, OpenRoom, a_published_room, accepted, asks
from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import COMMANDS, QUERIES, OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.connections import close_connections
from tests.support.faults.database import a_fault
from tests.support.oracles.dead_letters import dead_letter
from tests.support.stack.running import RunningStack

from practio_operator.provisioning.broker import management

FORGED = [
    "amq.rabbitmq.reply-to.g2FiY2RlZg==.key",
    "amq.rabbitmq.reply-to.g2FiY2RlZg==.a2V5",
    "amq.rabbitmq.reply-to.AAAA.BBBB",
    "amq.rabbitmq.reply-to..",
    "rooms.commands",
]


def address_of(*, node: str, number: int) -> str:
    """Return an address of the right form that no broker ever gave: of a process on a node of this name."""
    process = b"\x83Xw" + bytes([len(node)]) + node.encode() + struct.pack(">III", number, 0, 0xFFFFFFFF)
    return f"amq.rabbitmq.reply-to.{b64encode(process).decode()}.DPUYH8hJbWjcHKfiwR9XYQ=="


async def test_addresses_of_unknown_nodes_cost_nobody_an_answer(outside: OutsideSystem, stack: RunningStack) -> None:
    log = stack.services["membership"].process.log
    logged_before = log.stat().st_size
    room = await a_published_room(outside)
    nodes = [f"rabbit@{new_id()}" for _ in range(10)]
    for number, node in enumerate(nodes):
        await asks_with(outside, room, reply_to=address_of(node=node, number=number))
        await once_answered(outside, QUERIES, envelope_for(outside, QUERIES, room.room_id, room.host))
    await eventually(lambda: nothing_in_hand(stack, "membership.queries"), within=30, message="every query is settled")
    assert b"message returned to the broker" not in log.read_bytes()[logged_before:]


async def asks_with(outside: OutsideSystem, room: OpenRoom, *, reply_to: str) -> None:
    """Ask for the roster, with an address for the answer."""
    query = "membership.get-roster.v1"
    forged = outside.envelope(query, {"room_id": room.room_id}, actor=room.host)
    await outside.publish_raw(QUERIES, query, json.dumps(forged).encode(), id=forged["id"], reply_to=reply_to)


async def test_a_forged_reply_address_costs_nobody_an_answer(outside: OutsideSystem, stack: RunningStack) -> None:
    room = await a_published_room(outside)
    query = "membership.get-roster.v1"
    for address in FORGED * 5:
        await asks_with(outside, room, reply_to=address)
    answers = await asyncio.gather(
        *(outside.query(query, {"room_id": room.room_id}, actor=room.host) for _ in range(24))
    )
    assert all("result" in answer for answer in answers)
    await eventually(lambda: nothing_in_hand(stack, "membership.queries"), within=30, message="every query is settled")


@pytest.mark.parametrize("exchange", [QUERIES, pytest.param(COMMANDS, marks=pytest.mark.thorough)])
async def test_a_cut_of_the_answers_connection_costs_nobody_an_answer(
    outside: OutsideSystem, stack: RunningStack, exchange: str
) -> None:
    room = await a_published_room(outside, policy="open", capacity=5_000)
    enough = asyncio.Event()

    async def ask_on() -> None:
        while not enough.is_set():
            await once_answered(outside, exchange, envelope_for(outside, exchange, room.room_id, room.host))

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(ask_on())
        for _ in range(3):
            await eventually(lambda: close_connections(stack, "practio-membership-replies"), within=30)
        enough.set()
    queue = {COMMANDS: "membership.commands", QUERIES: "membership.queries"}[exchange]
    await eventually(lambda: nothing_in_hand(stack, queue), within=30, message="every message is settled")


def envelope_for(outside: OutsideSystem, exchange: str, room_id: str, host: str) -> Data:
    if exchange == QUERIES:
        return outside.envelope("membership.get-roster.v1", {"room_id": room_id}, actor=host)
    person = new_id()
    return outside.envelope(REQUEST, about(room_id, person), actor=person)


async def once_answered(outside: OutsideSystem, exchange: str, envelope: Data) -> None:
    """Publish a message once, and wait for its answer: it is not sent again."""
    await outside.publish(exchange, envelope)
    await eventually(lambda: outside.answers.get(envelope["id"]), within=60, message=f"an answer to {envelope['id']}")


async def nothing_in_hand(stack: RunningStack, queue: str) -> bool:
    async with management(stack.target) as broker:
        found = await broker.get("queues", broker.vhost, queue)
    return bool(found.get("messages") == 0)  # a new queue has no counts yet


async def test_a_query_whose_handler_fails_is_answered_at_once_with_an_id(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    await accepted(asks(outside, room, person))
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        await connection.execute(
            "UPDATE membership.membership SET status = 'not a status' WHERE person_id = $1", person
        )
        event = outside.envelope(
            "membership.get-membership.v1", {"room_id": room.room_id, "person_id": person}, actor=person
        )
        answer = await outside.answer_to(event, exchange=QUERIES)
    finally:
        await connection.execute("UPDATE membership.membership SET status = 'joined' WHERE person_id = $1", person)
        await connection.close()
    assert answer["code"] == "failed"
    failure_id = answer["detail"].split()[-1]
    letter = await dead_letter(stack, event["id"])
    assert (letter["queue"], letter["reason"]) == ("membership.queries", "gave-up")
    assert failure_id in letter["detail"]
    assert failure_id in stack.services["membership"].process.tail(200)


async def test_a_command_that_is_given_up_is_answered_and_its_refusal_published(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)
    async with a_fault(stack, service="membership", message_id=event["id"]):
        await outside.publish(COMMANDS, event)
        letter = await dead_letter(stack, event["id"])
        answers = await eventually(lambda: outside.answers.get(event["id"]), message="an answer")
    assert answers[0]["data"]["code"] == "failed"
    assert answers[0]["data"]["detail"].split()[-1] in letter["detail"]
    await outside.receives("membership.command-refused.v1", command_id=event["id"])
