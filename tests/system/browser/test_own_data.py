"""A person's own data and their exit, in a browser without scripts: the file, the calendar, leaving everything."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar
from tests.support.browser.reader import Reader
from tests.support.clients.actions import OpenRoom, a_known_person, a_published_room, accepted, asks
from tests.support.clients.commands import new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

from practio_contracts.links import Link, Purpose
from practio_operator.execution.http import NO_AUTHORITIES

pytestmark = pytest.mark.thorough  # tests/unit/pages and the exports of the services show each part

ROME = ZoneInfo("Europe/Rome")
ANSWER, NOTE = "Because I lead a small school.", "What we tried first."


def link_of(stack: RunningStack, purpose: Purpose, person: str) -> str:
    return stack.links.url(Link(purpose, UUID(person), locale="en", time_zone="Europe/Rome"))


async def a_person_in_rooms(outside: OutsideSystem) -> tuple[str, dict[str, OpenRoom]]:
    """Return a person with an answer and a note, who is in a room, cares for one, waits for one, and hosts one."""
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside, "Ada Moretti")
    question = {"key": "why", "text": "Why do you come?", "required": True}
    rooms = {
        "joined": await a_published_room(
            outside, host=host, title="With a seat", access={"policy": "open", "questions": [question]}
        ),
        "requested": await a_published_room(outside, host=host, title="Not decided", policy="approval"),
        "steward": await a_published_room(outside, host=host, title="In my care", steward_ids=[person]),
        "host": await a_published_room(outside, host=person, title="My own"),
    }
    await accepted(asks(outside, rooms["joined"], person, answers={"why": ANSWER}))
    await accepted(asks(outside, rooms["requested"], person))
    note = {
        "room_id": rooms["joined"].room_id,
        "note_id": new_id(),
        "kind": "case",
        "title": "A hard start",
        "text": NOTE,
    }

    async def is_recorded() -> bool:
        return "state" in await outside.send("rooms.record-note.v1", note, actor=person)

    await eventually(is_recorded, within=30, message="rooms knows that the person has a seat")
    return person, rooms


def content_of(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


async def downloaded(reader: Reader) -> dict[str, Any]:
    async with reader.page.expect_download() as coming:
        await reader.page.get_by_role("link", name="Download everything").click()
    file = await coming.value
    assert file.suggested_filename == "practio.json"
    return content_of(await file.path())


@pytest.mark.timeout(300)
async def test_the_file_has_what_the_person_wrote_and_is_what_the_operator_exports(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    person, rooms = await a_person_in_rooms(outside)
    await outside.receives("notifications.letter-sent.v1", person_id=person, kind="joined")
    assert await reader.opens(link_of(stack, Purpose.ROOMS, person)) == 200
    assert await reader.follows(reader.page.get_by_role("link", name="What Practio knows about you")) == 200
    words = await reader.words()
    assert "Ada Moretti" in words
    assert "One note that you wrote" in words

    async def as_the_operator_exports() -> dict[str, Any] | None:
        file = await downloaded(reader)
        assert file.pop("person_id") == person
        stored = json.loads(await practio(stack, "export-person", person))["stored"]
        return file if file == stored else None

    file = await eventually(as_the_operator_exports, within=60, message="the same as `practio export-person`")
    assert file["notifications"]["contact"][0]["display_name"] == "Ada Moretti"
    assert [each["text"] for each in file["rooms"]["note"]] == [NOTE]
    assert ANSWER in [each["answers"].get("why") for each in file["membership"]["membership"]]
    assert {each["to_status"] for each in file["membership"]["history"]} == {"joined", "requested"}
    written = json.dumps(file)
    assert "Marta" not in written
    assert rooms["joined"].host not in written


async def is_asked_to_host(outside: OutsideSystem, person: str, title: str) -> None:
    """Let another host ask a person to become the host of a room."""
    host = await a_known_person(outside)
    room = await a_published_room(outside, host=host, title=title)
    await accepted(outside.send("rooms.hand-over.v1", {"room_id": room.room_id, "person_id": person}, actor=host))


async def test_leaving_everything_leaves_it_and_says_what_stays(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    person, rooms = await a_person_in_rooms(outside)
    await is_asked_to_host(outside, person, "To be mine")
    await reader.opens(link_of(stack, Purpose.ME, person) + "/data")
    await reader.follows(reader.page.get_by_role("link", name="See what follows"))
    words = await reader.words()
    for title in ("With a seat", "Not decided", "In my care", "My own", "To be mine"):
        assert title in words
    assert await live(outside, person) == {rooms["joined"].room_id, rooms["requested"].room_id}
    assert await reader.presses("Leave all of these") == 200
    outcomes = (
        "Done: you have declined to become the host.",
        "Done: you have left the room.",
        "Done: your request is withdrawn.",
    )
    for outcome in outcomes:
        assert outcome in await reader.page.get_by_role("status").inner_text()
    assert await live(outside, person) == set()
    again = await reader.page.reload()
    assert again is not None
    assert (again.request.method, again.status) == ("POST", 200)
    for outcome in ("Done: you have left the room.", "Done: your request is withdrawn."):
        assert outcome in await reader.page.get_by_role("status").inner_text()

    async def has_only_the_hosted_room() -> bool:
        found = (await outside.query("rooms.list-own-rooms.v1", {"person_id": person}, actor=person))["result"]
        return [each["room"]["title"] for each in found["rooms"]] == ["My own"] and not found["hand_overs"]

    await eventually(has_only_the_hosted_room, within=30, message="only the hosted room is left")
    await reader.opens(link_of(stack, Purpose.ME, person) + "/leave")
    assert await reader.buttons() == []
    assert await reader.follows(reader.page.get_by_role("link", name="Hand over: My own")) == 200


async def test_a_calendar_program_has_the_sessions_until_the_links_end(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    person = await a_known_person(outside)
    room = await a_published_room(outside, host=person, title="My own", time_zone="Asia/Tokyo")
    starts = (datetime.now(UTC) + timedelta(days=7)).replace(minute=0, second=0, microsecond=0)
    session = {
        "room_id": room.room_id,
        "session_id": new_id(),
        "starts_at": starts.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%Y-%m-%dT%H:%M"),
        "duration_minutes": 90,
        "topic": "A hard start",
    }
    await accepted(outside.send("rooms.schedule-session.v1", session, actor=person))
    await reader.opens(link_of(stack, Purpose.ROOMS, person))
    await reader.page.get_by_text("See the sessions in your own calendar").click()
    address = await reader.page.locator("code").inner_text()
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=60) as program:
        answer = await program.get(address)
        [event] = Calendar.from_ical(answer.content).events
        assert (event.start, event.end) == (starts, starts + timedelta(minutes=90))
        assert event["DTSTART"].params["TZID"] == "Europe/Rome"
        assert isinstance(event.start, datetime)
        assert event.start.replace(tzinfo=None) == starts.astimezone(ROME).replace(tzinfo=None)
        assert (str(event["UID"]), str(event["SUMMARY"])) == (session["session_id"], "A hard start (My own)")
        tag = {"if-none-match": answer.headers["etag"]}
        assert (await program.get(address, headers=tag)).status_code == httpx.codes.NOT_MODIFIED

        await reader.opens(link_of(stack, Purpose.ME, person) + "/data")
        assert await reader.presses("End all my links") == 200
        gone = await program.get(address)
        assert (gone.status_code, gone.headers["content-type"]) == (httpx.codes.GONE, "text/plain; charset=utf-8")


async def live(outside: OutsideSystem, person: str) -> set[str]:
    """Return the rooms of a person's live memberships."""
    asked = {"person_id": person, "live_only": True}
    found = (await outside.query("membership.list-memberships.v1", asked, actor=person))["result"]
    return {each["room_id"] for each in found["memberships"]}
