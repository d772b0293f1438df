"""Practio in containers: the main job, how they are confined, upgrading one of them, and going back to a backup."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from tests.integration.compose.dock import Alone, Dock, docker
from tests.support.eventually import eventually
from tests.support.outside import Outside
from tests.support.scenes import (
    ACCEPT,
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)

from practio_contracts.catalogue import SERVICES
from practio_contracts.links import Link, Purpose
from practio_operator.local.ports import free_ports
from practio_operator.local.services import is_ready
from practio_operator.local.stack import LINKS, OURS

TITLE = "Intervision for teachers"


async def test_a_seat_goes_from_one_person_to_the_next_and_letters_tell_them(outside: Outside, dock: Dock) -> None:
    host, first, second = [await a_known_person(outside, name) for name in ("Marta", "Tomás", "Aisha")]
    room = await a_published_room(outside, host=host, capacity=1)
    for person, status in ((first, "joined"), (second, "waitlisted")):
        await accepted(asks(outside, room, person))
        await reads(dock, outside, person, "Your request to join")
        assert (await does(outside, APPROVE, room, person, actor=host))["status"] == status
    await reads(dock, outside, second, "You are on the waitlist")

    await does(outside, WITHDRAW, room, first)
    await reads(dock, outside, first, "You have left")
    await reads(dock, outside, second, "A seat for you")
    assert (await does(outside, ACCEPT, room, second))["status"] == "joined"
    await reads(dock, outside, second, "You are in")


async def reads(dock: Dock, outside: Outside, person: str, beginning: str) -> None:
    """Wait until a person has got a letter whose subject begins so: people act on what they read."""
    address = outside.people[person]["email"]
    await eventually(
        lambda: any(subject.startswith(beginning) for subject in dock.subjects(address)),
        within=30,
        saying=lambda: f"{beginning} in {dock.subjects(address)}",
    )


async def test_a_link_leads_to_a_page_that_tells_of_its_room(dock: Dock, outside: Outside) -> None:
    assert TITLE in await page(await a_way(dock, outside))


async def a_way(dock: Dock, outside: Outside) -> str:
    """Give the link of somebody who asked to join a new room."""
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


async def test_services_and_pages_run_confined(dock: Dock) -> None:
    for name, container in (await dock.containers()).items():
        if name in OURS:
            assert confinement(container) == {
                "user": "10001",
                "read only": True,
                "dropped": ["ALL"],
                "options": ["no-new-privileges:true"],
            }


def confinement(container: dict[str, Any]) -> dict[str, Any]:
    host = container["HostConfig"]
    return {
        "user": container["Config"]["User"],
        "read only": host["ReadonlyRootfs"],
        "dropped": host["CapDrop"],
        "options": host["SecurityOpt"],
    }


async def test_no_port_is_open_to_other_machines(dock: Dock) -> None:
    bound = [each for one in (await dock.containers()).values() for each in one["HostConfig"]["PortBindings"].values()]
    assert {place["HostIp"] for places in bound for place in places} == {"127.0.0.1"}


@pytest.mark.parametrize("name", OURS)
async def test_an_image_holds_no_way_to_install_or_compile(dock: Dock, name: str) -> None:
    container = (await dock.containers())[name]
    for lacking in ("python -m pip", "python -m ensurepip", "cc", "gcc"):
        with pytest.raises(AssertionError, match=r"No module named|not found"):
            await docker("exec", container["Id"], "sh", "-c", f"{lacking} --version")


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


@pytest_asyncio.fixture
async def membership(dock: Dock) -> AsyncIterator[Alone]:
    """Give membership by its own compose file, instead of the stack's own, which is back at the end."""
    secrets = dock.secrets
    alone = Alone(
        "membership",
        network=f"{dock.project}_default",
        settings={
            "PRACTIO_BROKER_URL": f"amqp://practio-membership:{secrets['practio-membership']}@broker:5672/practio",
            "PRACTIO_DATABASE_URL": f"postgresql://practio_membership:{secrets['practio_membership']}@database/practio",
            "PRACTIO_OWNER_DATABASE_URL": (
                f"postgresql://practio_membership_owner:{secrets['practio_membership_owner']}@database/practio"
            ),
            "PRACTIO_HTTP_PORT": str(free_ports(1)[0]),
        },
    )
    async with instead_of_the_own(dock, alone):
        yield alone


@pytest_asyncio.fixture
async def pages(dock: Dock) -> AsyncIterator[Alone]:
    """Give pages by its own compose file, instead of the stack's own, which is back at the end."""
    alone = Alone(
        "pages",
        network=f"{dock.project}_default",
        settings={
            "PRACTIO_BROKER_URL": f"amqp://pages:{dock.secrets['pages']}@broker:5672/practio",
            "PRACTIO_PAGES_URL": "https://rooms.example.org",
            "PRACTIO_LINK_KEYS": f"{'n' * 32},{dock.secrets[LINKS]}",
            "PRACTIO_HTTP_PORT": str(free_ports(1)[0]),
        },
    )
    async with instead_of_the_own(dock, alone):
        yield alone


@asynccontextmanager
async def instead_of_the_own(dock: Dock, alone: Alone) -> AsyncIterator[None]:
    """Stop the stack's own container of a part for as long as the context lasts, and then end what ran instead."""
    own = (await dock.containers())[alone.part]["Id"]
    await docker("stop", own)
    yield
    await alone.down()
    await docker("start", own)


async def test_upgrading_one_service_restarts_no_other(dock: Dock, membership: Alone, outside: Outside) -> None:
    before = await started(dock)
    old = await membership.up("old")
    room = await a_published_room(outside, policy="open")
    new = await membership.up("new")

    assert new != old
    assert (await accepted(asks(outside, room, await a_known_person(outside))))["status"] == "joined"
    assert await started(dock) == before
    assert await is_alive(membership)


async def test_pages_alone_goes_on_with_links_of_the_key_before(dock: Dock, pages: Alone, outside: Outside) -> None:
    way = await a_way(dock, outside)
    await pages.up("old")
    await pages.up("new")
    base_url = f"http://127.0.0.1:{pages.settings['PRACTIO_HTTP_PORT']}"
    await eventually(lambda: is_ready(base_url), within=30, saying="pages is ready")
    assert TITLE in await page(f"{base_url}{urlsplit(way).path}")


async def started(dock: Dock) -> dict[str, tuple[str, int]]:
    """Give when each container of the stack was started, and how often it was started again."""
    return {
        name: (each["State"]["StartedAt"], each["RestartCount"]) for name, each in (await dock.containers()).items()
    }


async def is_alive(alone: Alone) -> bool:
    """Say whether a service answers on its own port."""
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        answer = await client.get(f"http://127.0.0.1:{alone.settings['PRACTIO_HTTP_PORT']}/livez")
    return answer.status_code == httpx.codes.OK
