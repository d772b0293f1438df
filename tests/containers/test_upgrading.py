"""Upgrading one part of a stack in containers, by either of its compose files, while the others work on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest_asyncio
from tests.integration.compose.docker_stack import DockerStack, docker
from tests.integration.compose.reader import TITLE, a_membership_link, page
from tests.integration.compose.single_part import SinglePart
from tests.support.clients.load import Load, a_lasting_load
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger

from practio_operator.stack.ports import free_ports
from practio_operator.stack.services import is_ready
from practio_operator.stack.stack import LINKS

A_CROWD = 50
UP = ("up", "--detach", "--no-deps", "membership")


@pytest_asyncio.fixture
async def newer(docker_stack: DockerStack) -> AsyncIterator[str]:
    """Yield the version of another image of membership, which is built; the stack is without it again at the end."""
    version = f"{docker_stack.project}-newer"
    await docker_stack.compose("build", "membership", version=version)
    yield version
    await docker_stack.compose(*UP)
    await docker("image", "rm", f"practio-membership:{version}")


@pytest_asyncio.fixture
async def membership(docker_stack: DockerStack) -> AsyncIterator[SinglePart]:
    """Yield membership by its own compose file, instead of the stack's own, which is back at the end."""
    secrets = docker_stack.secrets
    single_part = SinglePart(
        "membership",
        network=f"{docker_stack.project}_default",
        settings={
            "PRACTIO_BROKER_URL": f"amqp://practio-membership:{secrets['practio-membership']}@broker:5672/practio",
            "PRACTIO_DATABASE_URL": f"postgresql://practio_membership:{secrets['practio_membership']}@database/practio",
            "PRACTIO_OWNER_DATABASE_URL": (
                f"postgresql://practio_membership_owner:{secrets['practio_membership_owner']}@database/practio"
            ),
            "PRACTIO_HTTP_PORT": str(free_ports(1)[0]),
        },
    )
    async with instead_of_the_own(docker_stack, single_part):
        yield single_part


@pytest_asyncio.fixture
async def pages(docker_stack: DockerStack) -> AsyncIterator[SinglePart]:
    """Yield pages by its own compose file, instead of the stack's own, which is back at the end."""
    single_part = SinglePart(
        "pages",
        network=f"{docker_stack.project}_default",
        settings={
            "PRACTIO_BROKER_URL": f"amqp://pages:{docker_stack.secrets['pages']}@broker:5672/practio",
            "PRACTIO_PAGES_URL": "https://rooms.example.org",
            "PRACTIO_LINK_KEYS": f"{'n' * 32},{docker_stack.secrets[LINKS]}",
            "PRACTIO_HTTP_PORT": str(free_ports(1)[0]),
        },
    )
    async with instead_of_the_own(docker_stack, single_part):
        yield single_part


@asynccontextmanager
async def instead_of_the_own(docker_stack: DockerStack, single_part: SinglePart) -> AsyncIterator[None]:
    """Stop the stack's own container of a part for as long as the context lasts, and then stop its replacement."""
    await docker_stack.compose("stop", single_part.part)
    try:
        yield
    finally:
        await single_part.down()
        await docker_stack.compose("start", single_part.part)


async def test_one_part_is_upgraded_under_load_and_nothing_else_is_touched(
    docker_stack: DockerStack, newer: str, outside: OutsideSystem
) -> None:
    before = await docker_stack.containers()
    async with a_lasting_load(outside) as load:
        await load.has_outcomes(A_CROWD)
        await docker_stack.compose(*UP, version=newer)
        after = await docker_stack.containers()
        await load.has_outcomes(len(load.people) + A_CROWD)

    assert labels(after["membership"]) == {"version": newer, "revision": f"revision-of-{newer}"}
    assert after["membership"]["Image"] != before["membership"]["Image"]
    assert others(after) == others(before)
    assert waited_for(after["membership"], outside)
    await the_books_are_right(docker_stack, load)


async def test_a_service_with_its_own_compose_file_is_upgraded_under_load(
    docker_stack: DockerStack, membership: SinglePart, outside: OutsideSystem
) -> None:
    old = await membership.up("old")
    before = await docker_stack.containers()
    async with a_lasting_load(outside) as load:
        await load.has_outcomes(A_CROWD)
        new = await membership.up("new")
        await load.has_outcomes(len(load.people) + A_CROWD)

    assert new != old
    assert others(await docker_stack.containers()) == others(before)
    assert waited_for(json.loads(await docker("container", "inspect", new))[0], outside)
    await the_books_are_right(docker_stack, load)


async def test_pages_still_reads_links_signed_with_the_key_before(
    docker_stack: DockerStack, pages: SinglePart, outside: OutsideSystem
) -> None:
    link = await a_membership_link(docker_stack, outside)
    await pages.up("old")
    await pages.up("new")
    await eventually(lambda: is_ready(pages.url), within=30, message="pages is ready")
    assert TITLE in await page(f"{pages.url}{urlsplit(link).path}")


def labels(container: dict[str, Any]) -> dict[str, str]:
    """Return the labels of a container's image."""
    return {name: container["Config"]["Labels"][f"org.opencontainers.image.{name}"] for name in ("version", "revision")}


def others(containers: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str, int]]:
    """Return which container each part but membership has, when it was started, and how often it was started again."""
    return {
        name: (each["Id"], each["State"]["StartedAt"], each["RestartCount"])
        for name, each in containers.items()
        if name != "membership"
    }


def waited_for(container: dict[str, Any], outside: OutsideSystem) -> list[str]:
    """Return the commands that were published before a container was started, and decided after."""
    started = datetime.fromisoformat(container["State"]["StartedAt"])
    return [
        command["id"]
        for event in outside.all_events()
        if event["source"] == "/practio/membership"
        and (command := outside.published.get(event.get("causationid", "")))
        and datetime.fromisoformat(command["time"]) < started < datetime.fromisoformat(event["time"])
    ]


async def the_books_are_right(docker_stack: DockerStack, load: Load) -> None:
    """Check the ledger, the invariants and the dead letters, and that everybody has a seat or waits."""
    await Ledger(load.outside, docker_stack.mail).is_clean()
    await load.all_have_their_place()
    _, dead = await asyncio.gather(docker_stack.practio("invariants"), docker_stack.practio("dead", "list", "--json"))
    assert json.loads(dead) == []
