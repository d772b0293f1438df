"""All of a stack in containers goes back to a backup, by the programs of its own database's container."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from tests.integration.compose.docker_stack import DockerStack, docker
from tests.integration.compose.reader import reads
from tests.support.clients.actions import (
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually

from practio_contracts.catalogue import SERVICES
from practio_operator.stack.services import is_ready


async def test_everything_is_restored_with_the_programs_of_the_database_container(
    docker_stack: DockerStack, outside: OutsideSystem, tmp_path: Path
) -> None:
    host, ada, bea = [await a_known_person(outside, name) for name in ("Marta", "Ada", "Bea")]
    room = await a_published_room(outside, host=host, capacity=1)
    await joins(outside, room, ada)
    await reads(docker_stack, outside, ada, "You are in")
    folder, inside = str(tmp_path / "kept"), ("--inside", (await docker_stack.containers())["database"]["Id"])
    await docker_stack.practio("backup", folder, *inside)
    await does(outside, WITHDRAW, room, ada)
    await reads(docker_stack, outside, ada, "You have left")

    async with stopped(docker_stack, *SERVICES):
        await docker_stack.practio("restore", folder, "--replace", *inside)
    await docker_stack.practio("rebuild")

    await docker_stack.practio("invariants")
    await accepted(asks(outside, room, bea))
    assert (await does(outside, APPROVE, room, bea, actor=host))["status"] == "waitlisted"
    await reads(docker_stack, outside, bea, "You are on the waitlist")
    assert sum(each.startswith("You are in") for each in docker_stack.subjects(outside.people[ada]["email"])) == 1


async def joins(outside: OutsideSystem, room: OpenRoom, person: str) -> None:
    await accepted(asks(outside, room, person))
    assert (await does(outside, APPROVE, room, person, actor=room.host))["status"] == "joined"


@asynccontextmanager
async def stopped(docker_stack: DockerStack, *parts: str) -> AsyncIterator[None]:
    """Stop containers for as long as the context lasts, and wait until what they run is ready again."""
    ids = [(await docker_stack.containers())[part]["Id"] for part in parts]
    await docker("stop", *ids)
    yield
    await docker("start", *ids)
    for part in parts:
        base_url = docker_stack.env[f"PRACTIO_{part.upper()}_HTTP"]
        await eventually(partial(is_ready, base_url), within=60, message=f"{part} is ready")
