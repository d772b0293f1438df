"""Letters that are due at once, sent by the running service and by two copies of it, beside bare loops.

One loop builds each letter with the standard library, the other sends a ready-made one. All send to the same lean mail
server, by turns in the same run: each process over as many connections.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.bench.mail_sink import MailSink
from tests.bench.measure import Progress
from tests.bench.rounds import drained
from tests.support.clients.actions import a_known_person, a_published_room, accepted, asks
from tests.support.eventually import eventually
from tests.support.stack.logins import database_of
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.running import RunningStack
from tests.unit.notifications.builders import a_membership, a_room, an_event

from practio_chassis.database import engine
from practio_contracts.membership import Requested, Status
from practio_notifications.tables import ContactRow, LetterRow, MembershipRow, RoomRow

BARE, BUILT, SERVICE, TWO_COPIES = "ready-made", "built by the standard library", "service", "two copies of it"
CONNECTIONS = 8
ROOMS = 50
PATIENCE_SECONDS = 900.0
_AT_ONCE = 1_000


@dataclass
class LettersRound:
    """Letters a second of the bare loops, the service and two copies of it, and how many bytes a letter had."""

    rates: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


async def a_round(
    stack: RunningStack, sink: MailSink, folder: Path, sample: bytes, count: int, begin: Callable[[str, int], Progress]
) -> LettersRound:
    """Send ``count`` letters by the service and by two copies, and as many like ``sample`` by each bare loop."""
    found = LettersRound()
    async with _pool(stack) as pool:

        async def measure_service(name: str) -> None:
            await _fill(pool, count)
            await _measure(found, name, sink, count, begin(name, count), lambda: _make_due(pool))
            await eventually(lambda: _are_sent(pool), within=PATIENCE_SECONDS, pause=0.2)

        await measure_service(SERVICE)
        async with stack.services["notifications"].copy():
            await measure_service(TWO_COPIES)
    await drained(stack)
    message = folder / "message"
    message.write_bytes(sample)
    for name, more in ((BUILT, ["built"]), (BARE, [])):
        loop = _bare_loop(sink, count, message, folder, more)
        await _measure(found, name, sink, count, begin(name, count), loop.start)
        loop.stop()
    return found


async def a_sample(stack: RunningStack) -> bytes:
    """Return a letter about a request, as the service writes it."""
    async with stack.outside() as outside:
        person = await a_known_person(outside)
        await accepted(asks(outside, await a_published_room(outside), person))
        address = outside.people[person]["email"]
        await eventually(lambda: stack.mailbox.to(address), within=30, message="a letter")
    return stack.mailbox.to(address)[0].message.as_bytes()


@asynccontextmanager
async def sending_to(stack: RunningStack, sink: MailSink) -> AsyncIterator[None]:
    """Let the service notifications send to ``sink`` for as long as the context lasts, on its usual connections."""
    service = stack.services["notifications"]
    service.process.stop()
    service.process.environment["PRACTIO_SMTP_PORT"] = str(sink.port)
    service.process.environment["PRACTIO_MAIL_CONNECTIONS"] = str(CONNECTIONS)
    await service.start()
    yield
    service.process.stop()


async def _measure(
    found: LettersRound, name: str, sink: MailSink, count: int, progress: Progress, begin: Callable[[], Any]
) -> None:
    """Wait until ``count`` letters came, once ``begin`` has let them go."""
    sink.empty()
    shown = 0
    if asyncio.iscoroutine(begun := begin()):
        await begun

    async def all_came() -> bool:
        nonlocal shown
        came = sink.count
        progress(came - shown)
        shown = came
        return came >= count

    await eventually(all_came, within=PATIENCE_SECONDS, message=lambda: f"{sink.count} letters came", pause=0.1)
    found.rates[name], found.sizes[name] = sink.rate, sink.size


def _bare_loop(sink: MailSink, count: int, message: Path, folder: Path, more: Sequence[str]) -> ManagedProcess:
    values = (str(sink.port), str(CONNECTIONS), str(count), str(message), *more)
    command = (sys.executable, "-m", "tests.bench.bare_mail", *values)
    return ManagedProcess(name="bare mail", command=command, environment=dict(os.environ), log=folder / "bare_mail.log")


@asynccontextmanager
async def _pool(stack: RunningStack) -> AsyncIterator[AsyncEngine]:
    pool = engine.engine(SecretStr(database_of(stack.target, "notifications")), service="bench")
    try:
        yield pool
    finally:
        await pool.dispose()


async def _fill(pool: AsyncEngine, count: int) -> None:
    """Store letters about requests for ``count`` people in some rooms; none of them is due."""
    rooms = [a_room() for _ in range(ROOMS)]
    rows = [_rows_of(rooms[number % ROOMS].room_id) for number in range(count)]
    async with pool.begin() as connection:
        values = [
            {"room_id": room.room_id, "snapshot": room.model_dump(mode="json"), "proposed_in": 0} for room in rooms
        ]
        await connection.execute(insert(RoomRow), values)
        for table, name in ((ContactRow, "contact"), (MembershipRow, "standing"), (LetterRow, "letter")):
            for start in range(0, count, _AT_ONCE):
                await connection.execute(insert(table), [row[name] for row in rows[start : start + _AT_ONCE]])


def _rows_of(room_id: UUID) -> dict[str, dict[str, Any]]:
    """Return the rows in the tables after a person has requested to join."""
    person_id = uuid4()
    membership = a_membership(Status.REQUESTED, room_id=room_id, person_id=person_id)
    ids = {"person_id": person_id, "room_id": room_id, "membership_id": membership.membership_id}
    contact = {"display_name": "Ada Moretti", "locale": "en", "time_zone": "Europe/Rome"}
    letter = {
        "letter_id": uuid4(),
        "fact_id": uuid4(),
        "correlation_id": "bench",
        "kind": "requested",
        "member_id": person_id,
        "told": an_event(Requested, membership).model_dump(mode="json"),
        "status": "queued",
        "due_at": None,
        "tries": 0,
        "interrupted": False,
        "created_at": datetime.now(UTC),
    }
    return {
        "contact": {"person_id": person_id, "email": f"{person_id}@example.org"} | contact,
        "standing": ids | {"status": "requested", "role": None, "offer_expires_at": None, "was_joined": False},
        "letter": ids | letter,
    }


async def _make_due(pool: AsyncEngine) -> None:
    async with pool.begin() as connection:
        await connection.execute(text("UPDATE letter SET due_at = now() WHERE status = 'queued'"))


async def _are_sent(pool: AsyncEngine) -> bool:
    async with pool.connect() as connection:
        return not await connection.scalar(
            text("SELECT count(*) FROM letter WHERE kind = 'requested' AND status <> 'sent'")
        )
