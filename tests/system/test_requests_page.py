"""A room's requests on their page, with nothing but HTTP and a link: decided once, closed to strangers."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest_asyncio
from tests.support.clients.actions import OpenRoom, a_known_person, a_published_room, accepted, asks, roster
from tests.support.clients.commands import new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.html import parse
from tests.support.stack.running import RunningStack
from tests.system.test_letters import letter_to

from practio_contracts.links import Link, Purpose
from practio_operator.execution.http import NO_AUTHORITIES


@pytest_asyncio.fixture
async def browser(stack: RunningStack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        verify=NO_AUTHORITIES, trust_env=False, timeout=60, headers={"accept-language": "en"}
    ) as found:
        yield found


def requests_of(stack: RunningStack, room: OpenRoom, person: str) -> str:
    return stack.links.url(Link(Purpose.QUEUE, UUID(person), UUID(room.room_id), locale="en"))


def words(answer: httpx.Response) -> str:
    return parse(answer.text).words


def hidden(answer: httpx.Response) -> str:
    field = parse(answer.text).select_one("input[name=form]")
    assert field, words(answer)
    return str(field["value"])


async def standing(outside: OutsideSystem, room: OpenRoom) -> dict[str, str]:
    entries = (await roster(outside, room))["entries"]
    return {each["membership"]["person_id"]: each["membership"]["status"] for each in entries}


async def test_a_host_decides_on_several_requests_at_once_and_a_second_decision_changes_nothing(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    facilitator = new_id()
    first, second, third = [await a_known_person(outside, name) for name in ("Ada Moretti", "Ben Okri", "Cleo Vic")]
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host, capacity=1, facilitator_ids=[facilitator])
    for person in (first, second, third):
        await accepted(asks(outside, room, person, message=f"I am {person}."))
    await letter_to(outside, stack, third, "requested")  # decided before it left, it would rightly be skipped
    hosts, other = requests_of(stack, room, host), requests_of(stack, room, facilitator)
    seen, seen_by_other = await browser.get(hosts), await browser.get(other)
    assert all(f"I am {person}." in words(seen) for person in (first, second, third))
    chosen = {f"decide-{first}": "approve", f"decide-{second}": "approve", f"decide-{third}": "decline"}
    for _ in range(2):
        done = await browser.post(hosts, data={"form": hidden(seen), "reason": "Too many already.", **chosen})
        assert done.status_code == httpx.codes.OK
        for came in ("they have a seat in the room", "they are on the waitlist", "Declined."):
            assert came in words(done)
    late = await browser.post(other, data={"form": hidden(seen_by_other), "one": f"decline-{first}"})
    assert late.status_code == httpx.codes.CONFLICT
    assert "This was already decided; nothing has changed. Their current status: In the room" in words(late)
    assert await standing(outside, room) == {first: "joined", second: "waitlisted"}
    declined = await outside.receives("membership.declined.v1", person_id=third)
    assert declined["data"]["membership"]["by"] == host
    assert "Too many already." in (await letter_to(outside, stack, third, "declined")).text


async def test_the_requests_of_a_room_are_closed_to_people_without_an_office(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    person = await a_known_person(outside)
    room = await a_published_room(outside)
    await accepted(asks(outside, room, person, message="Between us."))
    form = hidden(await browser.get(requests_of(stack, room, room.host)))
    strangers = requests_of(stack, room, new_id())
    shut = await browser.get(strangers)
    assert shut.status_code == httpx.codes.FORBIDDEN
    assert "Between us." not in shut.text
    foreign = await browser.post(strangers, data={"form": form, "one": f"approve-{person}"})
    assert foreign.status_code == httpx.codes.BAD_REQUEST
    assert await standing(outside, room) == {person: "requested"}
