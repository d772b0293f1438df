"""Feedback on a session, from the members' own pages to the report on the desk, in a browser that runs no scripts."""

from functools import partial
from uuid import UUID

import pytest
from tests.support.browser.reader import Reader
from tests.support.clients.actions import (
    a_known_person,
    a_published_room,
    a_session_that_begins,
    accepted,
    asks,
)
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

from practio_contracts.links import Link, Purpose

REMARK = "More cases, less talk."


@pytest.mark.thorough
async def test_four_members_give_feedback_and_the_host_reads_it_without_names(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host, capacity=4, policy="open")
    members = [await a_known_person(outside, f"Ada {name}") for name in ("Moretti", "Conti", "Ricci", "Greco")]
    for member in members:
        await accepted(asks(outside, room, member))
    await a_session_that_begins(outside, room)

    def link(purpose: Purpose, person: str) -> str:
        return stack.links.url(Link(purpose, UUID(person), UUID(room.room_id), locale="en", time_zone="Europe/Rome"))

    async def has_form(member: str) -> bool:
        await reader.opens(link(Purpose.WAY, member))
        return await reader.page.get_by_role("link", name="Give feedback").count() == 1

    async def report() -> str:
        await reader.opens(f"{link(Purpose.DESK, host)}/report")
        return await reader.words()

    assert "No feedback can be shown for this period yet." in await report()
    for member, rating in zip(members, ("2", "3", "4", "5: very useful"), strict=True):
        await eventually(partial(has_form, member), within=30, message="the session is offered")
        await reader.follows(reader.page.get_by_role("link", name="Give feedback"))
        await reader.page.get_by_label(rating, exact=True).check()
        await reader.page.get_by_label("What should those who run the room know?").fill(REMARK)
        assert await reader.presses("Give feedback") == 200
        assert "we have your feedback" in await reader.page.get_by_role("status").inner_text()

    shown = await report()
    for figure in ("Average 3.5", "Answers 4", REMARK):
        assert figure in shown
    assert not any(outside.people[member]["display_name"] in shown for member in members)

    assert await has_form(members[0])
    await reader.follows(reader.page.get_by_role("link", name="Give feedback"))
    await reader.page.get_by_label("3", exact=True).check()
    await reader.page.get_by_label("What should those who run the room know?").fill("One more thing.")
    assert await reader.presses("Give feedback") == 409
    assert "already given feedback" in await reader.page.get_by_role("alert").inner_text()
    assert "One more thing." in await reader.words()
