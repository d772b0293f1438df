"""Reporting a concern, and settling it: who reads what, in words, and nothing lost."""

from typing import Any
from uuid import UUID

from tests.unit.pages.builders import ADA, ROOM, a_note, a_room_shown
from tests.unit.pages.every_page import REPORT_ID, some_reports, some_thanks
from tests.unit.pages.hosts import BEN, CLEO, named
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.notifications import NamePeople
from practio_contracts.rooms import (
    ConductReports,
    GetRoom,
    ListConductReports,
    ListNotes,
    ListThanks,
    NotesFound,
    Outcome,
    ReportConduct,
    SettleConduct,
)

WRITTEN = {"text": "He laughs.\r\nAlways.", "person": str(BEN)}
SETTLED = {"outcome": "talked-to", "reason": "We spoke."}


def a_person(read_by: str = "stewards", **room: Any) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {GetRoom: a_room_shown(**room), ListThanks: some_thanks(), NamePeople: named}
    visit.gateway.outcomes[ReportConduct] = accepted(ReportConduct, read_by=read_by)
    return visit


def a_steward(found: ConductReports | Refusal | None = None, **room: Any) -> Visit:
    visit = a_person(**({"steward_ids": [ADA]} | room))
    visit.gateway.answers |= {ListConductReports: found or some_reports(), ListNotes: NotesFound(notes=[], after=None)}
    visit.gateway.outcomes[SettleConduct] = accepted(SettleConduct)
    return visit


async def the_form(visit: Visit, query: str = "") -> Seen:
    return await visit.get(visit.path(Link(Purpose.WAY, ADA, ROOM, locale="en")) + f"/concern{query}")


async def the_desk(visit: Visit) -> Seen:
    return await visit.get(visit.path(Link(Purpose.DESK, ADA, ROOM, locale="en")) + "/concerns")


async def test_a_report_says_who_reads_it_before_and_after() -> None:
    for readers, words in (([CLEO], "The stewards of the room"), ([], "no other steward"), ([ADA], "no other steward")):
        assert words in (await the_form(a_person(steward_ids=readers))).words
    for read_by, words in (
        ("stewards", "The stewards of the room read"),
        ("system", "The people who run this site read"),
    ):
        visit = a_person(read_by)
        seen = await visit.press(await the_form(visit), "Send the report", **WRITTEN)
        assert words in seen.html.select("[role=status]")[0].get_text()
        assert "He laughs" not in seen.words


async def test_a_report_names_a_person_and_a_note() -> None:
    visit, note = a_person(), "019cae20-6b1a-7c3d-9e4f-2a5b8c7d6e10"
    seen = await visit.press(await the_form(visit, f"?note={note}"), "Send the report", **WRITTEN)
    assert seen.status == 200
    [sent] = [each.command for each in visit.gateway.sent if isinstance(each.command, ReportConduct)]
    assert (sent.text, sent.person_id, str(sent.note_id)) == ("He laughs.\nAlways.", BEN, note)


async def test_a_note_that_is_named_wrongly_is_left_out() -> None:
    visit = a_person()
    await visit.press(await the_form(visit, "?note=x"), "Send the report", **WRITTEN)
    [sent] = [each.command for each in visit.gateway.sent if isinstance(each.command, ReportConduct)]
    assert sent.note_id is None


async def test_a_refused_report_keeps_its_text() -> None:
    for code in ("not-allowed", "too-many", "person-unknown", "note-unknown", "room-unknown"):
        visit = a_person()
        seen = await the_form(visit)
        visit.gateway.outcomes[ReportConduct] = Refusal(code=code, detail="English only")
        seen = await visit.press(seen, "Send the report", **WRITTEN)
        assert (seen.status, "English only" in seen.words) == (409, False)
        assert "He laughs." in seen.html.select("textarea")[0].get_text()


async def test_an_empty_report_is_not_sent() -> None:
    visit = a_person()
    seen = await visit.press(await the_form(visit), "Send the report", **(WRITTEN | {"text": "  "}))
    assert (seen.status, visit.gateway.sent) == (422, [])


async def test_a_steward_reads_reports_and_settles_one_with_a_reason() -> None:
    visit = a_steward()
    seen = await the_desk(visit)
    assert "He <laughs>." in seen.words
    assert "Noted, in case it happens again" in seen.words
    done = await visit.press(seen, "Settle the report", **SETTLED)
    assert "the report is settled" in done.html.select("[role=status]")[0].get_text()
    [sent] = [each.command for each in visit.gateway.sent if isinstance(each.command, SettleConduct)]
    assert (sent.report_id, sent.outcome, sent.words) == (REPORT_ID, Outcome.TALKED_TO, "We spoke.")


async def test_a_steward_reads_the_note_that_a_report_is_about() -> None:
    visit = a_steward()
    note = a_note(note_id=UUID(int=22), title="A <map>", text="Draw it.")
    pages = {None: NotesFound(notes=[a_note()], after="more"), "more": NotesFound(notes=[note], after="rest")}
    visit.gateway.answers[ListNotes] = lambda query: pages[query.after]
    [about] = (await the_desk(visit)).html.select("details")
    assert about.words == "About the note “A <map>” Draw it."
    for gone in (NotesFound(notes=[a_note()], after=None), Refusal(code="not-allowed", detail="x")):
        visit.gateway.answers[ListNotes] = gone
        assert "About a note that is no longer in the room" in (await the_desk(visit)).words


async def test_a_settlement_without_outcome_or_reason_comes_back() -> None:
    visit = a_steward()
    seen = await visit.press(await the_desk(visit), "Settle the report", reason="")
    assert (seen.status, len(seen.html.select(".fault")), visit.gateway.sent) == (422, 2, [])


async def test_what_was_settled_meanwhile_is_shown_and_the_reason_kept() -> None:
    visit = a_steward()
    seen = await the_desk(visit)
    settled = [each for each in some_reports().reports if each.outcome]
    visit.gateway.answers[ListConductReports] = ConductReports(reports=settled, after=None)
    visit.gateway.outcomes[SettleConduct] = Refusal(code="not-in-this-state", detail="English only")
    after = await visit.press(seen, "Settle the report", **SETTLED)
    assert after.status == 409
    assert "in another way" in after.words
    assert "We spoke." in after.words


async def test_other_offices_see_nothing_but_who_reads_it() -> None:
    visit = a_steward(Refusal(code="not-allowed", detail="English only"), host_id=ADA, steward_ids=[CLEO])
    seen = await the_desk(visit)
    assert (seen.status, "laughs" in seen.words) == (403, False)
    assert "Only the stewards of a room read" in seen.words
    assert "Concerns" not in [each.get_text() for each in seen.html.select("nav a")]
    assert "Concerns" in [each.get_text() for each in (await the_desk(a_steward())).html.select("nav a")]
