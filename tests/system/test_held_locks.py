"""Locks that somebody holds for longer than a statement waits: order stays, and readiness says what does not move."""

from functools import partial
from typing import Any

import asyncpg
import httpx
import pytest
from tests.support.clients.actions import REQUEST, WITHDRAW, a_published_room, roster
from tests.support.clients.commands import about, new_id
from tests.support.clients.outside import COMMANDS, QUERIES, OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.database import locked_room, locked_table
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack
from tests.support.stack.service import RunningService

from practio_operator.execution.http import NO_AUTHORITIES

pytestmark = pytest.mark.thorough

WAITING_FOR_A_LOCK = """
    SELECT xact_start FROM pg_stat_activity
    WHERE application_name = 'practio-membership' AND wait_event_type = 'Lock'
"""


async def test_a_request_that_waits_for_a_lock_is_not_overtaken_by_the_withdrawal(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger, database: asyncpg.Connection
) -> None:
    room = await a_published_room(outside, policy="open", capacity=5)
    person = new_id()
    request, withdrawal = (
        outside.envelope(command, about(room.room_id, person), actor=person) for command in (REQUEST, WITHDRAW)
    )
    async with locked_room(stack, room.room_id):
        await outside.publish(COMMANDS, request)
        first = await eventually(lambda: waiting_since(database), within=30, message="the request waits for the lock")
        await outside.publish(COMMANDS, withdrawal)

        async def is_tried_again() -> bool:
            return bool((await waiting_since(database) or first) > first)

        await eventually(is_tried_again, within=30, message="the database has given up the first attempt")
        assert not outside.answers[request["id"]]
        assert not outside.answers[withdrawal["id"]]

    for command, status in ((request, "joined"), (withdrawal, "withdrawn")):
        await eventually(partial(outside.answers.get, command["id"]), within=30, message=f"{status} is answered")
        [answer] = outside.answers[command["id"]]
        assert answer["data"]["state"]["status"] == status, answer
    await outside.receives("membership.withdrawn.v1", person_id=person)
    assert (await roster(outside, room))["seats_taken"] == 0
    await ledger.is_clean()


async def waiting_since(database: asyncpg.Connection) -> Any:
    """Return since when a transaction of membership has been waiting for a lock; None if there is none."""
    return await database.fetchval(WAITING_FOR_A_LOCK)


async def test_a_query_queue_that_does_not_move_makes_its_service_unready(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room = await a_published_room(outside)
    service = stack.services["rooms"]
    query = outside.envelope("rooms.get-room.v1", {"room_id": room.room_id}, actor=room.host)
    async with locked_table(stack, "rooms.room"):
        await outside.publish(QUERIES, query)
        stalled = await eventually(lambda: stalled_queue(service), within=90, message="rooms.queries is stalled")
        assert stalled == "rooms.queries (surroundings)"
    await service.ready()
    await eventually(lambda: outside.answers[query["id"]], message="the query that waited is answered")


async def stalled_queue(service: RunningService) -> str | None:
    """Return how readiness names the queries that do not move; None as long as it does not."""
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=20) as client:
        answer = await client.get(f"{service.url}/readyz")
    assert answer.is_success is answer.json()["ready"]
    named = next((each for each in answer.json()["stalled"] if each.startswith("rooms.queries")), None)
    assert named is None or answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    return named
