"""Practio in containers: the main job, and how they are confined."""

from typing import Any

import pytest
from tests.integration.compose.docker_stack import DockerStack
from tests.integration.compose.reader import TITLE, a_membership_link, page, reads
from tests.support.clients.actions import (
    ACCEPT,
    APPROVE,
    WITHDRAW,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)
from tests.support.clients.outside import OutsideSystem

from practio_operator.stack.stack import PARTS

pytestmark = pytest.mark.thorough


async def test_a_seat_goes_from_one_person_to_the_next_and_letters_inform_them(
    outside: OutsideSystem, docker_stack: DockerStack
) -> None:
    host, first, second = [await a_known_person(outside, name) for name in ("Marta", "Tomás", "Aisha")]
    room = await a_published_room(outside, host=host, capacity=1)
    for person, status in ((first, "joined"), (second, "waitlisted")):
        await accepted(asks(outside, room, person))
        await reads(docker_stack, outside, person, "Your request to join")
        assert (await does(outside, APPROVE, room, person, actor=host))["status"] == status
    await reads(docker_stack, outside, second, "You are on the waitlist")

    await does(outside, WITHDRAW, room, first)
    await reads(docker_stack, outside, first, "You have left")
    await reads(docker_stack, outside, second, "A seat for you")
    assert (await does(outside, ACCEPT, room, second))["status"] == "joined"
    await reads(docker_stack, outside, second, "You are in")


async def test_a_link_leads_to_a_page_about_its_room(docker_stack: DockerStack, outside: OutsideSystem) -> None:
    assert TITLE in await page(await a_membership_link(docker_stack, outside))


async def test_services_and_pages_run_confined(docker_stack: DockerStack) -> None:
    for name, container in (await docker_stack.containers()).items():
        if name in PARTS:
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


async def test_no_port_is_open_to_other_machines(docker_stack: DockerStack) -> None:
    bound = [
        each
        for one in (await docker_stack.containers()).values()
        for each in one["HostConfig"]["PortBindings"].values()
    ]
    assert {place["HostIp"] for places in bound for place in places} == {"127.0.0.1"}
