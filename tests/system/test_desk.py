"""A room's desk, with nothing but HTTP and a link: a room is started, its sessions are planned, it is ended."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from tests.support.clients.actions import OpenRoom, a_known_person, a_published_room, accepted, asks
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.html import Element, parse
from tests.support.stack.running import RunningStack
from tests.unit.pages.every_page import filled_in

from practio_contracts.links import Link, Purpose
from practio_operator.execution.http import NO_AUTHORITIES


@pytest_asyncio.fixture
async def browser(stack: RunningStack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        verify=NO_AUTHORITIES, trust_env=False, timeout=60, headers={"accept-language": "en"}
    ) as found:
        yield found


def rooms_of(stack: RunningStack, person: str) -> str:
    return stack.links.url(Link(Purpose.ROOMS, UUID(person), locale="en"))


def page(answer: httpx.Response) -> Element:
    return parse(answer.text)


def words(answer: httpx.Response) -> str:
    return page(answer).words


async def follows(browser: httpx.AsyncClient, seen: httpx.Response, link: str) -> httpx.Response:
    """Open the first link with these words."""
    found = [each for each in page(seen).select("a") if link in each.words]
    assert found, words(seen)
    return await browser.get(seen.url.join(str(found[0]["href"])))


async def sends(browser: httpx.AsyncClient, seen: httpx.Response, **entered: str) -> httpx.Response:
    """Send the form of a page as it shows it, with what was entered."""
    [form] = page(seen).select("form[method=post]")
    answer = await browser.post(seen.url.join(str(form.get("action") or seen.url)), data=filled_in(form) | entered)
    return await browser.get(answer.url.join(answer.headers["location"])) if answer.is_redirect else answer


async def sessions(outside: OutsideSystem, room: OpenRoom) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await outside.query("rooms.list-sessions.v1", {"room_id": room.room_id}, actor=room.host)
    )["result"]["sessions"]
    return found


async def test_a_host_runs_a_series_from_their_own_rooms(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host)
    own = await browser.get(rooms_of(stack, host))
    desk = await follows(browser, own, "Run the room")
    assert "No session is planned." in words(desk)
    listed = await follows(browser, desk, "Sessions")
    first = datetime.now(UTC) + timedelta(days=3)
    until = first + timedelta(days=20)
    plan = {
        "date": f"{first:%Y-%m-%d}",
        "time": "18:30",
        "minutes": "60",
        "repeat": "series",
        "until": f"{until:%Y-%m-%d}",
    }
    shown = await sends(browser, await follows(browser, listed, "Plan sessions"), **plan)
    assert len(page(shown).select("[aria-labelledby=dates] li")) == 3
    assert await sessions(outside, room) == []
    done = await sends(browser, shown)
    assert "Done: planned." in words(done)
    await sends(browser, shown)
    assert len(await sessions(outside, room)) == 3

    moved = await sends(browser, await follows(browser, done, "Move"), time="20:00", scope="following")
    assert "This concerns 3 planned dates" in words(moved)
    done = await sends(browser, moved)
    assert "Done: moved." in words(done)
    assert len({each["starts_at"] for each in await sessions(outside, room)}) == 3

    revised = await sends(browser, await follows(browser, done, "Topic, place or link"), topic="A case")
    done = await sends(browser, revised)
    assert [each["topic"] for each in await sessions(outside, room)] == ["A case", None, None]

    cancelled = await sends(browser, await follows(browser, done, "Call off"), reason="Ill.", scope="following")
    for _ in range(2):
        assert "Done: called off." in words(await sends(browser, cancelled))
    assert await sessions(outside, room) == []


async def test_a_host_closes_reopens_and_archives_a_room(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host)
    desk = await browser.get(stack.links.url(Link(Purpose.DESK, UUID(host), UUID(room.room_id), locale="en")))
    seen = await follows(browser, desk, "Close or end")
    for step, status in (("Close", "closed"), ("Reopen", "published"), ("Archive", "archived")):
        seen = await sends(browser, await follows(browser, seen, f"{step} the room"))
        assert "Done:" in words(seen)
        shown = await outside.query("rooms.get-room.v1", {"room_id": room.room_id}, actor=host)
        assert shown["result"]["room"]["status"] == status
    assert "The room has ended" in words(seen)


async def test_a_person_starts_a_room_and_publishes_it_on_the_third_page(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    start = await follows(browser, await browser.get(rooms_of(stack, host)), "Start a room")
    first = await sends(browser, await follows(browser, start, "Describe the room"), title="Cases", purpose="Think.")
    assert "Saved as a draft" in words(first)
    statement = {"domain": "Teaching", "format": "peer-coaching", "mode": "online", "time_zone": "Europe/Rome"}
    bare = await sends(browser, first, **statement, then="preview")
    refused = await sends(browser, bare)
    assert refused.status_code == httpx.codes.CONFLICT
    assert [each["href"] for each in page(refused).select("[role=alert] a")] == ["#meeting_url"]
    preview = await sends(browser, refused, meeting_url="https://meet.example.org/x", then="preview")
    done = await sends(browser, preview)
    assert "Done: the room is published." in words(done)
    desk = await follows(browser, done, "Run the room")
    assert "No session is planned." in words(desk)
    found = await outside.query("rooms.search-rooms.v1", {"text": "Cases Teaching"}, actor=host)
    [room] = [each for each in found["result"]["rooms"] if each["host_id"] == host]
    assert [role["name"] for role in room["roles"]] == ["coach", "coachee", "observer"]


async def test_a_host_invites_addresses_takes_one_back_and_removes_a_person(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host, access={"policy": "open"})
    member = await a_known_person(outside, "Ada Moretti")
    await accepted(asks(outside, room, member))
    stranger = f"{room.room_id}@example.org"
    desk = await browser.get(stack.links.url(Link(Purpose.DESK, UUID(host), UUID(room.room_id), locale="en")))
    people = await follows(browser, desk, "People")
    form = await follows(browser, people, "Invite people")
    for _ in range(2):
        done = await sends(browser, form, addresses=f"New Person <{stranger}>\nnobody at all", message="Come.")
        assert "Invited." in words(done)
        assert page(done).select("textarea[name=addresses]")[0].get_text().strip() == "nobody at all"
    await eventually(lambda: len(stack.mailbox.to(stranger)) == 1, message="the stranger has one invitation")

    people = await follows(browser, done, "All people in the room")
    invited = await follows(browser, people, "Somebody")
    assert "An invitation holds no seat." in words(invited)
    back = await sends(browser, await follows(browser, invited, "Take the invitation back"))
    assert "Done: the invitation is taken back." in words(back)

    ada = await follows(browser, await follows(browser, back, "All people in the room"), "Ada Moretti")
    gone = await sends(browser, await follows(browser, ada, "Remove from the room"), reason="Never came.", bar="yes")
    assert "Done: removed and barred." in words(gone)
    assert "Why this person has no seat" in words(gone)
    lifted = await sends(browser, await follows(browser, gone, "Lift the bar"))
    assert "Done: the bar is lifted." in words(lifted)
    assert "The person may request to join now." in words(lifted)


async def test_a_person_without_an_office_finds_no_desk(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    person = await a_known_person(outside, "Ada Moretti")
    room = await a_published_room(outside, host=await a_known_person(outside, "Marta Bianchi"))
    link = Link(Purpose.DESK, UUID(person), UUID(room.room_id), locale="en")
    for path in ("", "/sessions", "/sessions/plan"):
        assert (await browser.get(stack.links.url(link) + path)).status_code == httpx.codes.FORBIDDEN
