"""All of a stack in containers goes back to a backup, by the programs of its own database's container."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.integration.compose.dock import Dock, docker
from tests.integration.compose.reader import reads
from tests.support.clients.outside import Outside
from tests.support.clients.scenes import (
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)
from tests.support.eventually import eventually

from practio_contracts.catalogue import SERVICES
from practio_operator.stack.services import is_ready


async def test_all_goes_back_to_a_backup_by_the_database_s_own_programs(
    dock: Dock, outside: Outside, tmp_path: Path
) -> None:
    host, ada, bea = [await a_known_person(outside, name) for name in ("Marta", "Ada", "Bea")]
    room = await a_published_room(outside, host=host, capacity=1)
    await comes_in(outside, room, ada)
    await reads(dock, outside, ada, "You are in")
    folder, inside = str(tmp_path / "kept"), ("--inside", (await dock.containers())["database"]["Id"])
    await dock.practio("backup", folder, *inside)
    await does(outside, WITHDRAW, room, ada)
    await reads(dock, outside, ada, "You have left")

    async with stopped(dock, *SERVICES):
        await dock.practio("restore", folder, "--replace", *inside)
    await dock.practio("rebuild")

    await dock.practio("invariants")
    await accepted(asks(outside, room, bea))
    assert (await does(outside, APPROVE, room, bea, actor=host))["status"] == "waitlisted"
    await reads(dock, outside, bea, "You are on the waitlist")
    assert sum(each.startswith("You are in") for each in dock.subjects(outside.people[ada]["email"])) == 1


async def comes_in(outside: Outside, room: OpenRoom, person: str) -> None:
    await accepted(asks(outside, room, person))
    assert (await does(outside, APPROVE, room, person, actor=room.host))["status"] == "joined"


@asynccontextmanager
async def stopped(dock: Dock, *parts: str) -> AsyncIterator[None]:
    """Stop containers for as long as the context lasts, and wait until what they run is ready again."""
    ids = [(await dock.containers())[part]["Id"] for part in parts]
    await docker("stop", *ids)
    yield
    await docker("start", *ids)
    for part in parts:
        base_url = dock.env[f"PRACTIO_{part.upper()}_HTTP"]
        await eventually(lambda url=base_url: is_ready(url), within=60, saying=f"{part} is ready")
