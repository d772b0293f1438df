"""What is left of people, anywhere: in every table, every queue and every log of a stack."""

import json
import re
from collections.abc import Collection, Sequence

import aio_pika
import asyncpg
from aio_pika.abc import AbstractChannel
from tests.support.eventually import eventually
from tests.support.stack.containers import Container
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.running import RunningStack

from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.broker import management

_ALL_UNACKNOWLEDGED = 0  # the delivery tag for all messages (AMQP 0-9-1, basic.nack)
Found = set[tuple[str, str]]
"""Places, such as ``notifications.contact`` or ``log of pages``, each with a word that is found there."""


async def traces_of(stack: RunningStack, words: Collection[str]) -> Found:
    """Return where each of ``words`` is found, in any letter case, after everything on its way has arrived."""
    lowered = sorted({word.lower() for word in words})
    return await in_queues(stack, lowered) | await in_tables(stack, lowered) | in_logs(stack, lowered)


async def in_tables(stack: RunningStack, words: Sequence[str]) -> Found:
    """Search all columns of all tables of the services as text; bytes are searched as they are."""
    forms = {form: word.lower() for word in words for form in (word.lower(), word.lower().encode().hex())}
    any_form = "|".join(re.escape(form) for form in forms)
    found: Found = set()
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        tables = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY($1::text[])", list(SERVICES)
        )
        assert len({table["schemaname"] for table in tables}) == len(SERVICES)
        for schema, table in tables:
            rows = await connection.fetch(
                f"""
                SELECT content FROM (SELECT lower(each::text) AS content FROM "{schema}"."{table}" AS each OFFSET 0) _
                WHERE content ~ $1
                """,
                any_form,
            )
            found |= {
                (f"{schema}.{table}", word) for form, word in forms.items() for row in rows if form in row["content"]
            }
    finally:
        await connection.close()
    return found


async def in_queues(stack: RunningStack, words: Sequence[str]) -> Found:
    """Search all messages that wait in queues, and put them back; queues that are consumed are to be empty."""
    async with management(stack.target) as broker:
        names = [queue["name"] for queue in await broker.get("queues", broker.vhost)]
    assert any(name.endswith(".dead") for name in names)
    found: Found = set()
    async with await aio_pika.connect(stack.target.broker_url) as connection:
        for name in names:
            async with connection.channel() as channel:
                content = await _content(channel, name)
            found |= {(f"queue {name}", word) for word in words if word in content}
    return found


async def _content(channel: AbstractChannel, name: str) -> str:
    """Return the bodies and headers of all messages of a queue, in lower case."""

    async def is_consumed_and_empty() -> bool:
        declared = (await channel.declare_queue(name, passive=True)).declaration_result
        return not declared.consumer_count or not declared.message_count

    await eventually(is_consumed_and_empty, within=30, message=f"{name} is empty")
    queue = await channel.declare_queue(name, passive=True)
    if queue.declaration_result.consumer_count:
        return ""
    content = []
    while message := await queue.get(fail=False):
        content += [message.body.decode(errors="replace"), json.dumps(message.headers, default=str)]
    if content:
        await (await channel.get_underlay_channel()).basic_nack(_ALL_UNACKNOWLEDGED, multiple=True, requeue=True)
    return "\n".join(content).lower()


def in_logs(stack: RunningStack, words: Sequence[str]) -> Found:
    """Search the logs of services and pages, of the broker and of the database."""
    processes = [each.process for each in (*stack.services.values(), stack.pages)]
    logs = {process.name: process.log.read_text(errors="replace") for process in processes} | logs_of_servers(stack)
    assert all(logs.values())
    return {(f"log of {name}", word) for name, log in logs.items() for word in words if word in log.lower()}


def logs_of_servers(stack: RunningStack) -> dict[str, str]:
    """Return the logs of the servers that this run has started."""
    found = {}
    for server in (stack.servers.broker, stack.servers.database):
        match server.lifecycle:
            case ManagedProcess() as process:
                found[server.name] = process.log.read_text(errors="replace")
            case Container(container=container):
                found[server.name] = b"".join(container.get_logs()).decode(errors="replace")
    return found
