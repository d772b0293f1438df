"""A relay that RabbitMQ blocks is not frozen: it keeps the lead, and nothing is published or answered a second time."""

from contextlib import ExitStack
from datetime import datetime, timedelta

import asyncpg
import pytest
from tests.support.clients.actions import REQUEST, OpenRoom, a_published_room
from tests.support.clients.commands import about, new_id
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.alarms import memory_alarm
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack

pytestmark = pytest.mark.thorough

PEOPLE = 5
JOINED = "membership.joined.v1"

LONGER_THAN_ANY_PATIENCE = timedelta(seconds=40)
"""The database ends the session of a silent leader after 10 s, and the broker has 30 s to confirm a batch."""

LEADING_SESSION = """
    SELECT pid, query_start FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND ((classid::bigint << 32) | objid::bigint) = hashtext('membership relay')::bigint
"""


@pytest.mark.timeout(300)
async def test_a_blocked_leader_keeps_the_lead_and_nothing_is_doubled(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger, database: asyncpg.Connection
) -> None:
    room = await a_published_room(outside, policy="open", capacity=10)
    service, people = stack.services["membership"], [new_id() for _ in range(PEOPLE)]
    commands = [outside.envelope(REQUEST, about(room.room_id, person), actor=person) for person in people]
    async with service.copy():
        with ExitStack() as frozen:
            frozen.enter_context(service.process.frozen())
            for command in commands:
                await outside.publish(COMMANDS, command)
            async with memory_alarm(stack):
                frozen.close()
                await eventually(lambda: has_outbox(database), message="the commands are handled")
                pid, since = await database.fetchrow(LEADING_SESSION)
                await eventually(
                    lambda: still_leads(database, pid, since + LONGER_THAN_ANY_PATIENCE),
                    within=90,
                    message=lambda: service.process.tail(),
                )
                assert not joined(outside, room)
        for person in people:
            await outside.receives(JOINED, within=60, person_id=person)
        await service.ready()
        await eventually(lambda: is_published(database), message="everything is published")
        assert joined(outside, room) == people
        assert [len(outside.answers[each["id"]]) for each in commands] == [1] * PEOPLE
    assert not ledger.lost()


def joined(outside: OutsideSystem, room: OpenRoom) -> list[str]:
    """Return who has joined a room, as often as an outside system received it; events of earlier tests come late."""
    memberships = (event["data"]["membership"] for event in outside.events[JOINED])
    return [each["person_id"] for each in memberships if each["room_id"] == room.room_id]


async def is_published(database: asyncpg.Connection) -> bool:
    return not await has_outbox(database)


async def has_outbox(database: asyncpg.Connection) -> bool:
    return bool(await database.fetchval("SELECT EXISTS (SELECT FROM membership.outbox)"))


async def still_leads(database: asyncpg.Connection, pid: int, until: datetime) -> bool:
    """Return whether a leader's session still speaks after an instant; it is lost if it does not lead any more."""
    leader = await database.fetchrow(LEADING_SESSION)
    assert leader is not None, "nobody leads"
    assert leader["pid"] == pid, "another session leads"
    return bool(leader["query_start"] > until)
