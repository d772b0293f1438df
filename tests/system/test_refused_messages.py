"""Messages that the broker refuses, and events that reach nobody: one row never stops a service, none is lost."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import pytest
from tests.support.clients.actions import OpenRoom, a_published_room, accepted, is_known
from tests.support.clients.commands import Data, a_room, new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack
from tests.support.stack.service import RunningService

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_chassis.broker.queue_names import batch_key, events_queue
from practio_contracts.catalogue import INTERNAL
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.provision import provision

OCCUPANCY = "membership.occupancy-changed.v1"
FORBIDDEN = "membership.not-granted.v1"
FILL_SEATS = "membership.fill-seats.v1"


async def test_a_message_that_the_broker_refuses_is_set_aside_and_all_others_are_published_in_order(
    outside: OutsideSystem, stack: RunningStack, database: asyncpg.Connection
) -> None:
    subject, other = new_id(), new_id()
    person = new_id()
    large = event(subject, 1) | {"actor": person, "padding": "x" * MAX_MESSAGE_BYTES}
    unwritable = event(new_id(), 0)
    await add_to_outbox(
        database,
        (OCCUPANCY, event(subject, 0)),
        (OCCUPANCY, large),
        ("x" * 300, unwritable),
        (OCCUPANCY, event(subject, 2)),
        *((OCCUPANCY, event(other, number)) for number in range(5)),
    )

    await eventually(lambda: numbers(outside, other) == [0, 1, 2, 3, 4], message="other subjects are published")
    await eventually(lambda: numbers(outside, subject) == [0, 2], message="and so is the rest of the subject")
    await eventually(lambda: are_set_aside(database, large["id"], unwritable["id"]), message="both are set aside")
    found = {each["message_id"]: each for each in await set_aside(stack)}
    assert "larger than configured max size" in found[large["id"]]["reason"]
    assert found[unwritable["id"]]["reason"].startswith("it cannot be written")
    assert await database.fetchval("SELECT count(*) FROM membership.outbox") == 0
    await stack.services["membership"].ready()
    await eventually(lambda: is_counted(stack.services["membership"], 2), within=30, message="the metric counts them")

    await practio(stack, "outbox", "retry", large["id"])
    newest = max(each["number"] for each in found.values())
    await eventually(
        lambda: are_set_aside(database, large["id"], after=newest), within=30, message="it is refused again"
    )
    await outside.publish_event("people.person-erased.v1", {"person_id": person})
    await eventually(lambda: are_set_aside(database, unwritable["id"]), within=30, message="erasure deletes it")
    assert json.loads(await practio(stack, "outbox", "drop", unwritable["id"], "--yes", "--json")) == [unwritable["id"]]
    assert await set_aside(stack) == []


async def test_what_the_broker_refuses_for_its_own_reasons_is_kept_and_only_its_subject_waits(
    outside: OutsideSystem, stack: RunningStack, database: asyncpg.Connection
) -> None:
    subject, other = new_id(), new_id()
    await add_to_outbox(
        database,
        (FORBIDDEN, event(subject, 0)),
        (OCCUPANCY, event(subject, 1)),
        *((OCCUPANCY, event(other, number)) for number in range(5)),
    )
    await eventually(lambda: numbers(outside, other) == [0, 1, 2, 3, 4], message="other subjects are published")
    fault = await eventually(lambda: fault_of(stack.services["membership"]), message="readiness says why")
    assert "ACCESS_REFUSED" in fault
    assert FORBIDDEN in fault
    await add_to_outbox(database, *((OCCUPANCY, event(other, number)) for number in range(5, 10)))
    await eventually(lambda: numbers(outside, other) == list(range(10)), message="again and again")
    assert numbers(outside, subject) == []
    assert await set_aside(stack) == []

    await database.execute("DELETE FROM membership.outbox WHERE routing_key = $1", FORBIDDEN)
    await eventually(lambda: numbers(outside, subject) == [1], message="the subject goes on once this is mended")
    await stack.services["membership"].ready()


async def test_an_internal_command_that_reaches_no_queue_is_kept_and_only_its_subject_waits(
    outside: OutsideSystem, stack: RunningStack, database: asyncpg.Connection
) -> None:
    subject, other = new_id(), new_id()
    command = event(subject, 0) | {"type": f"practio.{FILL_SEATS}", "actor": "system", "data": {"room_id": subject}}
    try:
        await unbind("membership.commands", FILL_SEATS, stack)
        await add_to_outbox(database, (FILL_SEATS, command), for_services=True)
        fault = await eventually(lambda: fault_of(stack.services["membership"]), message="readiness says why")
        assert f"{FILL_SEATS} reaches no queue: run practio provision" in fault
        await add_to_outbox(
            database, (OCCUPANCY, event(subject, 1)), *((OCCUPANCY, event(other, number)) for number in range(5))
        )
        await eventually(lambda: numbers(outside, other) == [0, 1, 2, 3, 4], message="other subjects are published")
        before = refusals_of(command, stack)
        await eventually(
            lambda: refusals_of(command, stack) >= before + 2, within=30, message="the command is published again"
        )
        await add_to_outbox(database, *((OCCUPANCY, event(other, number)) for number in range(5, 10)))
        await eventually(lambda: numbers(outside, other) == list(range(10)), message="again and again")
        assert numbers(outside, subject) == []
        assert await set_aside(stack) == []
    finally:
        await provision(stack.target)
    await eventually(lambda: numbers(outside, subject) == [1], message="the subject goes on once this is mended")
    await stack.services["membership"].ready()


@pytest.mark.thorough
async def test_events_whose_batches_reach_nobody_any_more_are_kept_until_they_do(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    await a_published_room(outside)
    rooms = stack.services["rooms"]
    try:
        for reader in ("membership", "notifications"):
            await unbind(events_queue(reader), batch_key("rooms", reader), stack)
        room, host = a_room(), new_id()
        await accepted(outside.send("rooms.create-room.v1", room, actor=host))
        await accepted(outside.send("rooms.publish-room.v1", {"room_id": room["room_id"]}, actor=host))
        fault = await eventually(lambda: fault_of(rooms), within=30, message="readiness says what is missing")
        assert "rooms.events-for-membership.v1" in fault
        assert not [each for each in outside.events["rooms.room-published.v1"] if each["subject"] == room["room_id"]]
    finally:
        await provision(stack.target)
    opened = OpenRoom(room["room_id"], host)
    await eventually(lambda: is_known(outside, opened), within=60, message="membership receives what was kept")
    await rooms.ready()


async def unbind(queue: str, key: str, stack: RunningStack) -> None:
    """Delete the binding by which a queue gets messages with this routing key on the services' exchange."""
    async with management(stack.target) as broker:
        await broker.delete("bindings", broker.vhost, "e", INTERNAL, "q", queue, quote(key, safe=""))


async def add_to_outbox(database: asyncpg.Connection, *messages: tuple[str, Data], for_services: bool = False) -> None:
    """Write messages as a transaction of the service writes them."""
    rows = [(each["id"], key, each["subject"], json.dumps(each).encode()) for key, each in messages]
    body = "internal" if for_services else "public"
    await database.executemany(
        f"INSERT INTO membership.outbox (message_id, routing_key, subject, {body}) VALUES ($1, $2, $3, $4)", rows
    )
    await database.execute("SELECT pg_notify('membership_outbox', '')")


def event(subject: str, number: int) -> Data:
    counts = {"seats_taken": number, "seats_held": 0, "waiting": 0, "pending": 0, "by_role": {}}
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": "/practio/membership",
        "type": f"practio.{OCCUPANCY}",
        "time": datetime.now(UTC).isoformat(),
        "subject": subject,
        "sequence": str(number + 1),
        "correlationid": new_id(),
        "causationid": new_id(),
        "data": {"room_id": subject, "capacity": 10} | counts,
    }


def numbers(outside: OutsideSystem, subject: str) -> list[int]:
    """Return which events of a subject an outside system has received, each once, in order."""
    found = [each["data"]["seats_taken"] for each in outside.events[OCCUPANCY] if each["subject"] == subject]
    return list(dict.fromkeys(found))


async def set_aside(stack: RunningStack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await practio(stack, "outbox", "list", "--json"))
    return found


async def are_set_aside(database: asyncpg.Connection, *ids: str, after: int = 0) -> bool:
    """Return whether exactly these messages are set aside, since a number of the outbox."""
    found = await database.fetch("SELECT message_id FROM membership.outbox_set_aside WHERE id > $1", after)
    return {row["message_id"] for row in found} == set(ids)


async def is_counted(service: RunningService, rows: int) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        measured = (await client.get(f"{service.url}/metrics")).text
    return f'practio_set_aside_rows{{table="outbox"}} {rows}.0' in measured


def refusals_of(message: Data, stack: RunningStack) -> int:
    """Return how often membership said that the broker refused a message."""
    log = stack.services["membership"].process.log.read_text(errors="replace")
    return sum(message["id"] in line for line in log.splitlines() if "refused by the broker" in line)


async def fault_of(service: RunningService) -> str | None:
    """Return why a relay keeps events, as the service's readiness says."""
    async with httpx.AsyncClient(trust_env=False) as client:
        faults: dict[str, str] = (await client.get(f"{service.url}/readyz")).json()["faults"]
    return faults.get("refused") or faults.get("relay")
