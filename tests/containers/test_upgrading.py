"""Upgrading one part of a stack in containers, by either of its compose files, while the others work on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest_asyncio
from tests.integration.compose.alone import Alone
from tests.integration.compose.dock import Dock, docker
from tests.integration.compose.reader import TITLE, a_way, page
from tests.support.clients.load import Load, a_lasting_load
from tests.support.clients.outside import Outside
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger

from practio_operator.stack.ports import free_ports
from practio_operator.stack.services import is_ready
from practio_operator.stack.stack import LINKS

A_CROWD = 50
UP = ("up", "--detach", "--no-deps", "membership")


@pytest_asyncio.fixture
async def newer(dock: Dock) -> AsyncIterator[str]:
    """Give the version of another image of membership, which is built; the stack is without it again at the end."""
    version = f"{dock.project}-newer"
    await dock.compose("build", "membership", version=version)
    yield version
    await dock.compose(*UP)
    await docker("image", "rm", f"practio-membership:{version}")


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
    await dock.compose("stop", alone.part)
    try:
        yield
    finally:
        await alone.down()
        await dock.compose("start", alone.part)


async def test_a_part_of_the_stack_is_upgraded_under_load_and_nothing_else_is_touched(
    dock: Dock, newer: str, outside: Outside
) -> None:
    before = await dock.containers()
    async with a_lasting_load(outside) as load:
        await load.has_told(A_CROWD)
        await dock.compose(*UP, version=newer)
        after = await dock.containers()
        await load.has_told(len(load.people) + A_CROWD)

    assert labels(after["membership"]) == {"version": newer, "revision": f"revision-of-{newer}"}
    assert after["membership"]["Image"] != before["membership"]["Image"]
    assert others(after) == others(before)
    assert waited_for(after["membership"], outside)
    await the_books_are_right(dock, load)


async def test_a_service_by_its_own_compose_file_is_upgraded_under_load(
    dock: Dock, membership: Alone, outside: Outside
) -> None:
    old = await membership.up("old")
    before = await dock.containers()
    async with a_lasting_load(outside) as load:
        await load.has_told(A_CROWD)
        new = await membership.up("new")
        await load.has_told(len(load.people) + A_CROWD)

    assert new != old
    assert others(await dock.containers()) == others(before)
    assert waited_for(json.loads(await docker("container", "inspect", new))[0], outside)
    await the_books_are_right(dock, load)


async def test_pages_alone_goes_on_with_links_of_the_key_before(dock: Dock, pages: Alone, outside: Outside) -> None:
    way = await a_way(dock, outside)
    await pages.up("old")
    await pages.up("new")
    await eventually(lambda: is_ready(pages.url), within=30, saying="pages is ready")
    assert TITLE in await page(f"{pages.url}{urlsplit(way).path}")


def labels(container: dict[str, Any]) -> dict[str, str]:
    """Give what a container's image says of itself."""
    return {name: container["Config"]["Labels"][f"org.opencontainers.image.{name}"] for name in ("version", "revision")}


def others(containers: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str, int]]:
    """Give which container each part but membership has, when it was started, and how often it was started again."""
    return {
        name: (each["Id"], each["State"]["StartedAt"], each["RestartCount"])
        for name, each in containers.items()
        if name != "membership"
    }


def waited_for(container: dict[str, Any], outside: Outside) -> list[str]:
    """Give the commands that were said before a container was started, and decided after."""
    started = datetime.fromisoformat(container["State"]["StartedAt"])
    return [
        command["id"]
        for event in outside.all_events()
        if event["source"] == "/practio/membership"
        and (command := outside.said.get(event.get("causationid", "")))
        and datetime.fromisoformat(command["time"]) < started < datetime.fromisoformat(event["time"])
    ]


async def the_books_are_right(dock: Dock, load: Load) -> None:
    """The ledger is clean, everybody has a seat or stands in line, nothing was given up, and all that must holds."""
    await Ledger(load.outside, dock.mail).is_clean()
    await load.all_have_their_place()
    _, dead = await asyncio.gather(dock.practio("invariants"), dock.practio("dead", "list", "--json"))
    assert json.loads(dead) == []
