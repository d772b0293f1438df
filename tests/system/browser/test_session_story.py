"""A triad's session as people live it: at risk, moved, held, checked in to, recorded, and learned from."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.support.browser.reader import Reader
from tests.support.clients.actions import (
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
)
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import Stack
from tests.system.browser.conftest import Readers
from tests.system.test_letters import letter_to
from tests.system.test_sessions import change, plans

from practio_contracts.links import Link, Purpose

HERE = "You are checked in: those who run the room know that you came."


def link(stack: Stack, room: OpenRoom, person: str, session: str | None = None) -> str:
    """Return a person's link to a session of the room, or to its desk."""
    purpose = Purpose.SESSION if session else Purpose.DESK
    about = UUID(session) if session else None
    found = Link(purpose, UUID(person), UUID(room.room_id), locale="en", time_zone="Europe/Rome", session_id=about)
    return stack.links.url(found)


async def takes_place(stack: Stack, session: str, *, begins_in: timedelta, minutes: float = 60) -> None:
    """Move a session behind the service's back, with the answers to it, and let what watches it be due."""
    for table in ("session", "session_answer"):
        await change(
            stack,
            f"UPDATE rooms.{table} SET starts_at = date_trunc('second', now()) + $2, "
            "ends_at = date_trunc('second', now()) + $3 WHERE session_id = $1",
            session,
            begins_in,
            begins_in + timedelta(minutes=minutes),
        )


async def watched(stack: Stack, room: OpenRoom) -> None:
    """Let the timers of the room be due."""
    await change(stack, "UPDATE rooms.timer SET due_at = now() WHERE key LIKE '%' || $1 || '%'", room.room_id)


async def test_a_triad_at_risk_is_moved_runs_and_is_recorded_by_its_code(
    outside: OutsideSystem, stack: Stack, reader: Reader, readers: Readers
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(
        outside, host=host, capacity=3, policy="open", format="peer-coaching", time_zone="Europe/Rome", roles=None
    )
    members = [await a_known_person(outside, f"Ada {name}") for name in ("Moretti", "Conti", "Ricci")]
    for member in members:
        await accepted(asks(outside, room, member))
    planned = await plans(outside, room, datetime.now(UTC) + timedelta(days=5))
    session = planned["session_id"]
    first, second, third = members

    await eventually(lambda: _opens(reader, link(stack, room, first, session)), within=30, message="the page opens")
    await reader.page.get_by_label("A note (optional)").fill("I am at a conference.")
    assert await reader.presses("Not this time") == 200
    assert "you are not coming. You keep your seat." in await reader.words()
    await reader.opens(link(stack, room, second, session))
    assert await reader.presses("I am coming") == 200

    await takes_place(stack, session, begins_in=timedelta(hours=47))
    await watched(stack, room)
    at_risk = await outside.receives("rooms.session-at-risk.v1", session_id=session)
    assert (at_risk["data"]["coming"]["no"], at_risk["data"]["people_needed"]) == (1, 1)

    await reader.opens(link(stack, room, host))
    assert "The next session may not be able to run" in await reader.words()
    await reader.follows(reader.page.get_by_role("link", name="Who is coming, and what can be done"))
    assert "I am at a conference." in await reader.words()
    await reader.follows(reader.page.get_by_role("link", name="Move the session"))
    await reader.page.get_by_label("Date").fill(f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%d}")
    assert await reader.presses("Show what follows") == 200
    assert await reader.presses("Move the session") == 200
    await outside.receives("rooms.session-rescheduled.v1", session_id=session)
    await reader.opens(link(stack, room, host, session))
    assert "No answer yet 3" in await reader.words()
    await reader.follows(reader.page.get_by_role("link", name="Plan roles, cases and guests"))
    assert await reader.presses("Save the plan") == 200
    assert "Done: planned." in await reader.words()
    await reader.opens(link(stack, room, third, session))
    assert await reader.presses("I am coming") == 200

    await takes_place(stack, session, begins_in=-timedelta(seconds=2))
    await reader.opens(f"{link(stack, room, host, session)}/code")
    assert await reader.page.locator("svg.code").is_visible()
    code = await reader.page.get_by_role("link", name="The check-in page").get_attribute("href")
    assert code is not None
    async with readers() as phone:
        assert await phone.opens(code) == 200
        assert "Marta" not in await phone.words()
        await phone.page.get_by_label("Your email address").fill(outside.people[first]["email"])
        assert await phone.presses("Send me a link") == 200
        sent = await letter_to(outside, stack, first, "link")
        found = re.search(rf"{stack.pages_url}/rooms/[\w.-]+", sent.text)
        assert found
        await phone.opens(found[0])
        await phone.follows(phone.page.get_by_role("link", name="I am here"))
        assert await phone.presses("I am here") == 200
        assert HERE in await phone.words()
    await reader.opens(link(stack, room, second, session))
    for _ in range(2):
        assert await reader.presses("I am here") == 200
    await reader.opens(link(stack, room, host, session) + "/attendance")
    await reader.page.get_by_label(outside.people[third]["display_name"], exact=True).check()
    assert await reader.presses("Record who came") == 200
    assert "3 people came" in await reader.words()
    recorded = await outside.receives("rooms.attendance-recorded.v1", session_id=session, present_count=3)
    assert "present" not in recorded["data"]

    for rating, member in zip(("3", "4", "5: very useful"), members, strict=True):
        await gives_feedback(reader, link(stack, room, member, session), rating)
    await takes_place(stack, session, begins_in=-timedelta(seconds=5), minutes=0.05)  # it is over now
    await reader.opens(f"{link(stack, room, host)}/report")
    shown = await reader.words()
    for figure in ("Seats used 3", "Recorded as present 3 in one session", "No feedback can be shown"):
        assert figure in shown


async def gives_feedback(reader: Reader, page: str, rating: str) -> None:
    await eventually(lambda: _opens(reader, page), within=30, message="the page opens")
    await reader.follows(reader.page.get_by_role("link", name="Give feedback on this session"))
    await reader.page.get_by_label(rating, exact=True).check()
    assert await reader.presses("Give feedback") == 200


async def _opens(reader: Reader, page: str) -> bool:
    return await reader.opens(page) == 200
