"""The baseline: aio-pika and asyncpg without any service around them, one message at a time.

One message, one transaction of four inserts, one confirmed publish, one acknowledgement; a process of its own, as a
service is. Run as `python -m tests.bench.baseline BROKER_URL DATABASE_URL`.
"""

import json
import sys

import aio_pika
import asyncpg
import uvloop
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aiormq.abc import FieldTable

COMMANDS, EVENTS = "bench.commands", "bench.events"
PREFETCH = 400
TABLES = ("inbox", "membership", "history", "outbox")


async def prepare(channel: AbstractChannel, database: asyncpg.Connection) -> None:
    """Make queues of the kind that the services have, and four empty tables with a key each."""
    await channel.declare_queue(COMMANDS, durable=True, arguments=_quorum() | {"x-single-active-consumer": True})
    await channel.declare_queue(EVENTS, durable=True, arguments=_quorum())
    await database.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")
    for table in TABLES:
        await database.execute(f"CREATE TABLE bench.{table} (id uuid PRIMARY KEY, body jsonb, at timestamptz)")


async def work(broker_url: str, database_url: str) -> None:
    """Consume messages until killed."""
    database = await asyncpg.connect(database_url)
    connection = await aio_pika.connect(broker_url)
    measuring_client = await connection.channel()
    taking = await connection.channel()
    await taking.set_qos(prefetch_count=PREFETCH)
    queue = await taking.get_queue(COMMANDS, ensure=False)
    inserts = [f"INSERT INTO bench.{table} VALUES ($1, $2, now())" for table in TABLES]
    async with queue.iterator() as messages:
        async for message in messages:
            async with database.transaction():
                for insert in inserts:
                    await database.execute(insert, message.message_id, message.body.decode())
            await measuring_client.default_exchange.publish(_event(message), EVENTS)
            await message.ack()


def _event(message: AbstractIncomingMessage) -> aio_pika.Message:
    event = {**json.loads(message.body), "causationid": message.message_id}
    return aio_pika.Message(json.dumps(event).encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)


def _quorum() -> FieldTable:
    return {"x-queue-type": "quorum"}


if __name__ == "__main__":
    uvloop.run(work(sys.argv[1], sys.argv[2]))
