"""A relay that leads and freezes is replaced by a copy, and does no harm when it wakes up."""

import json
from datetime import UTC, datetime

import asyncpg
from tests.support.clients.commands import new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack

OCCUPANCY = "membership.occupancy-changed.v1"
ROWS = 50


async def test_a_copy_takes_over_from_a_frozen_leader_and_order_holds(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger, database: asyncpg.Connection
) -> None:
    leader = stack.services["membership"]
    async with leader.copy():
        with leader.process.frozen():
            subject = new_id()
            await add_to_outbox(database, subject, range(ROWS))
            await eventually(lambda: is_published(database), within=25, message="the copy publishes the outbox")
            await add_to_outbox(database, subject, range(ROWS, 2 * ROWS))
            await eventually(lambda: is_published(database), within=10, message="and goes on")
        await leader.ready()
        await add_to_outbox(database, subject, range(2 * ROWS, 3 * ROWS))
        await eventually(lambda: is_published(database), within=10, message="still after the frozen one woke up")

        def numbers() -> list[int]:
            return [event["data"]["capacity"] for event in outside.events[OCCUPANCY] if event["subject"] == subject]

        await eventually(lambda: len(set(numbers())) == 3 * ROWS, message="every event arrived")
        firsts = list(dict.fromkeys(numbers()))
        assert firsts == sorted(firsts)
    assert not ledger.lost()


async def add_to_outbox(database: asyncpg.Connection, subject: str, numbers: range) -> None:
    """Write events as a transaction of the service writes them."""
    rows = [(new_id(), OCCUPANCY, subject, event(subject, number)) for number in numbers]
    await database.executemany(
        "INSERT INTO membership.outbox (message_id, routing_key, subject, public) VALUES ($1, $2, $3, $4)", rows
    )
    await database.execute("SELECT pg_notify('membership_outbox', '')")


def event(subject: str, number: int) -> bytes:
    now = datetime.now(UTC).isoformat()
    envelope = {"specversion": "1.0", "id": new_id(), "source": "/practio/membership", "type": f"practio.{OCCUPANCY}"}
    ids = {"correlationid": new_id(), "causationid": new_id()}
    return json.dumps(envelope | ids | {"time": now, "subject": subject, "data": {"capacity": number}}).encode()


async def is_published(database: asyncpg.Connection) -> bool:
    return bool(await database.fetchval("SELECT count(*) = 0 FROM membership.outbox"))
