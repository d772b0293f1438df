"""A person who reads letters and follows a link to pages."""

from uuid import UUID

import httpx
from tests.integration.compose.docker_stack import DockerStack
from tests.support.clients.actions import a_known_person, a_published_room, accepted, asks
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually

from practio_contracts.links import Link, Purpose

TITLE = "Intervision for teachers"


async def a_membership_link(docker_stack: DockerStack, outside: OutsideSystem) -> str:
    """Return the membership link of a person who requested to join a new room with the title ``TITLE``."""
    room = await a_published_room(outside, policy="approval", title=TITLE)
    person = await a_known_person(outside)
    await accepted(asks(outside, room, person))
    return docker_stack.links.url(Link(Purpose.WAY, UUID(person), UUID(room.room_id)))


async def page(url: str) -> str:
    """Return the text of a page, which must exist."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        answer = await client.get(url)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.text


async def reads(docker_stack: DockerStack, outside: OutsideSystem, person: str, beginning: str) -> None:
    """Wait until a person has got a letter with such a subject: people act on the letters that they read."""
    address = outside.people[person]["email"]
    await eventually(
        lambda: any(subject.startswith(beginning) for subject in docker_stack.subjects(address)),
        within=30,
        message=lambda: f"{beginning} in {docker_stack.subjects(address)}",
    )
