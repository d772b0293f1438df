"""A room's offices, notes and figures, with nothing but HTTP and links."""

from uuid import UUID

import httpx
from tests.support.clients.actions import a_known_person, a_published_room, a_session_that_begins, asks
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack
from tests.system.test_desk import browser, follows, page, sends, words

from practio_contracts.links import Link, Purpose

__all__ = ["browser"]


def desk_of(stack: RunningStack, person: str, room_id: str) -> str:
    return stack.links.url(Link(Purpose.DESK, UUID(person), UUID(room_id), locale="en"))


async def test_an_office_is_given_and_laid_down(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    host, ada = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside, "Ada Moretti")
    room = await a_published_room(outside, host=host, policy="open")
    await asks(outside, room, ada)
    offices = await follows(browser, await browser.get(desk_of(stack, host, room.room_id)), "Offices")

    async def is_there_by_name() -> bool:
        form = await follows(browser, offices, "Appoint somebody")
        return "Ada Moretti" in [each.get_text() for each in page(form).select("option")]

    await eventually(is_there_by_name, within=30, message="the person can be chosen by name")
    form = await follows(browser, offices, "Appoint somebody")
    for _ in range(2):
        done = await sends(browser, form, person=ada, office="facilitator")
        assert "Done: Ada Moretti now has this office." in words(done)
    asked = await sends(browser, await follows(browser, done, "Hand the room over"), person=ada)
    assert "Ada Moretti has been asked to become the host" in words(asked)
    kept = await sends(browser, await follows(browser, asked, "Take the proposal back"))
    assert "the proposal is taken back" in words(kept)
    hers = await follows(browser, await browser.get(desk_of(stack, ada, room.room_id)), "Offices")
    form = await follows(browser, hers, "Step down from your office")
    for _ in range(2):
        assert "you hold no office in this room any more" in words(await sends(browser, form))
    assert (await browser.get(desk_of(stack, ada, room.room_id))).status_code == httpx.codes.FORBIDDEN


async def test_a_note_is_recorded_found_shown_and_withdrawn(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host)
    notes = await follows(browser, await browser.get(desk_of(stack, host, room.room_id)), "Notes")
    form = await follows(browser, notes, "Write a note")
    recorded = await sends(browser, form, kind="term", title="Loop", text="A round of questions.")
    assert "Done: the note is saved." in words(recorded)
    memory = await follows(browser, recorded, "The notes as the people in the room see them")
    glossary = await follows(browser, memory, "Glossary")
    assert "A round of questions." in words(glossary)
    shown = await sends(browser, await follows(browser, glossary, "Change"), shown="all")
    assert "Shown to everybody" in words(shown)
    assert "A round of questions." in words(await browser.get(f"{stack.pages_url}/room/{room.room_id}"))
    gone = await sends(browser, await follows(browser, shown, "Withdraw"))
    assert "Nobody has written a note yet." in words(gone)
    report = await follows(browser, await browser.get(desk_of(stack, host, room.room_id)), "Report")
    assert "No feedback can be shown for this period yet." in words(report)


async def test_a_note_is_about_a_session_until_its_author_chooses_none(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host)
    session_id = await a_session_that_begins(outside, room)
    desk = desk_of(stack, host, room.room_id)
    form = await browser.get(f"{desk}/notes/new")
    assert [each["value"] for each in page(form).select("optgroup option")] == [session_id]
    recorded = await sends(browser, form, kind="case", title="Late", text="What it costs.", session=session_id)
    assert "Session: " in words(recorded)
    changed = await sends(browser, await follows(browser, recorded, "Change"), session="")
    assert "Done: the note is changed." in words(changed)
    assert "Session: " not in words(changed)


async def test_who_is_not_in_the_room_reads_no_notes(
    outside: OutsideSystem, stack: RunningStack, browser: httpx.AsyncClient
) -> None:
    person = await a_known_person(outside, "Ada Moretti")
    room = await a_published_room(outside, host=await a_known_person(outside, "Marta Bianchi"))
    link = Link(Purpose.MEMORY, UUID(person), UUID(room.room_id), locale="en")
    assert (await browser.get(stack.links.url(link))).status_code == httpx.codes.FORBIDDEN
