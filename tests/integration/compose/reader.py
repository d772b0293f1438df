"""A reader of letters, whom a link leads to pages."""

from uuid import UUID

import httpx
from tests.integration.compose.dock import Dock
from tests.support.clients.outside import Outside
from tests.support.clients.scenes import a_known_person, a_published_room, accepted, asks
from tests.support.eventually import eventually

from practio_contracts.links import Link, Purpose

TITLE = "Intervision for teachers"


async def a_way(dock: Dock, outside: Outside) -> str:
    """Give the link of somebody who asked to join a new room of the title ``TITLE``."""
    room = await a_published_room(outside, policy="approval", title=TITLE)
    person = await a_known_person(outside)
    await accepted(asks(outside, room, person))
    return dock.links.url(Link(Purpose.WAY, UUID(person), UUID(room.room_id)))


async def page(url: str) -> str:
    """Give what a page says, which must be there."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        answer = await client.get(url)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.text


async def reads(dock: Dock, outside: Outside, person: str, beginning: str) -> None:
    """Wait until a person has got a letter whose subject begins so: people act on what they read."""
    address = outside.people[person]["email"]
    await eventually(
        lambda: any(subject.startswith(beginning) for subject in dock.subjects(address)),
        within=30,
        saying=lambda: f"{beginning} in {dock.subjects(address)}",
    )
