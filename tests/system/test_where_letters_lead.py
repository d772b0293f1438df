"""Where letters lead, over real SMTP: every page opens to its reader, on the desk and beside it."""

from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
from tests.support.clients.actions import a_known_person, a_published_room, accepted, asks
from tests.support.clients.commands import a_room, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack
from tests.system.browser.letters import letter_to, links_in

from practio_contracts.links import Purpose
from practio_operator.execution.http import NO_AUTHORITIES


async def opened(outside: OutsideSystem, stack: RunningStack, person: str, kind: str) -> set[str]:
    """Open every link of the newest letter of a kind to a person; return the pages that they lead to."""
    letter = await letter_to(outside, stack, person, kind)
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=60, follow_redirects=True) as browser:
        links = links_in(letter, stack.pages_url)
        statuses = {(await browser.get(link)).status_code for link in links}
    assert statuses == {httpx.codes.OK}
    return {link.removeprefix(f"{stack.pages_url}/").split("/")[0] for link in links}


async def test_letters_to_offices_and_about_the_end_of_a_room_lead_to_pages_that_open(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    host, helper, member = [await a_known_person(outside, name) for name in ("Marta Bianchi", "Bruno Riva", "Ada")]
    room = await a_published_room(outside, host=host, policy="open")
    about = {"room_id": room.room_id}
    await accepted(asks(outside, room, member))
    assert await opened(outside, stack, host, "room-published") == {"room", Purpose.DESK}

    appointed = about | {"person_id": helper, "office": "facilitator"}
    await accepted(outside.send("rooms.appoint.v1", appointed, actor=host))
    assert await opened(outside, stack, helper, "office-given") == {Purpose.DESK}

    starts_at = (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    planned = about | {"session_id": new_id(), "starts_at": starts_at, "duration_minutes": 90}
    await accepted(outside.send("rooms.schedule-session.v1", planned, actor=host))
    assert await opened(outside, stack, helper, "session-scheduled") == {Purpose.DESK, Purpose.SESSION}
    assert await opened(outside, stack, member, "session-scheduled") == {Purpose.WAY, Purpose.SESSION}

    await accepted(outside.send("rooms.archive-room.v1", about, actor=host))
    assert await opened(outside, stack, helper, "room-archived") == {Purpose.MEMORY}
    assert await opened(outside, stack, member, "room-archived") == {Purpose.MEMORY}


async def test_the_letter_about_a_draft_leads_back_to_it(outside: OutsideSystem, stack: RunningStack) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    await accepted(outside.send("rooms.create-room.v1", a_room(), actor=host))
    await eventually(lambda: is_due(stack, host), within=30, message="the letter about the draft")
    assert await opened(outside, stack, host, "room-drafted") == {Purpose.START}


async def is_due(stack: RunningStack, person: str) -> bool:
    """Let the letter to a person be due, as once it has waited; return whether there is one."""
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        make_due = "UPDATE notifications.letter SET due_at = now() WHERE person_id = $1::uuid AND status = 'queued'"
        done: str = await connection.execute(make_due, person)
        return done == "UPDATE 1"
    finally:
        await connection.close()
