"""What is known of a person: in words, and as a file with everything that the services export."""

import json

from tests.unit.pages.builders import ADA
from tests.unit.pages.every_page import ME, PREFERENCES, ROOMS, a_full_visit
from tests.unit.pages.exported import ROWS, an_export

from practio_contracts import membership, rooms
from practio_contracts.answers import Refusal
from practio_contracts.exports import EXPORTS
from practio_contracts.notifications import EndLinks
from practio_contracts.personal_data import ExportedRow, ExportPersonQuery, PersonExport
from practio_membership.personal_data import PERSONAL_DATA as OF_MEMBERSHIP
from practio_notifications.personal_data import PERSONAL_DATA as OF_NOTIFICATIONS
from practio_pages.pages.own_data_summary import COUNTED, SHOWN_TABLES
from practio_rooms.personal_data import PERSONAL_DATA as OF_ROOMS


async def test_the_page_sums_up_in_words_what_is_known() -> None:
    visit = a_full_visit()
    seen = await visit.get(ME.opened_by(visit))
    assert (seen.status, visit.gateway.sent) == (200, [])
    assert seen.terms(".facts > div") == {
        "Name": "Ada <Moretti>",
        "Email address": "ada@example.org",
        "Former email address": "old@example.org",
        "Language": "Italian (Italy)",
        "Time zone": "Europe/Rome",
    }
    for sentence in (
        "One membership in a room, with your answers and messages",
        "2 steps in the history of your memberships",
        "One note that you wrote",
        "That you gave feedback on one session, but not what you said",
        "Which emails you want, and when",
        "One buddy in a room",
        "One sponsor whose reports you get",
        "One answer whether you come to a session",
        "One case or role of yours at a session",
        "One session at which it is recorded whether you came",
        "One message of yours to everybody in a room",
        "One address of yours to which we send no emails any more",
    ):
        assert sentence in seen.words


COPIES = {
    "rooms": ("presence", "ending", "passage", "lot_person", "lot_waiting"),
    "membership": (),
    "notifications": ("standing", "session_answer", "session_part"),
}
"""The tables that repeat what the page counts, or count it for reports."""

OF_THE_CHASSIS = ("inbox", "outbox_set_aside", "forgotten")
"""Records of messages, which the page counts together; events set aside; that somebody was erased."""


def test_every_table_that_is_exported_is_counted_or_shown_or_repeats_one_that_is() -> None:
    exported = {
        (service, place.table)
        for service, data in (("rooms", OF_ROOMS), ("membership", OF_MEMBERSHIP), ("notifications", OF_NOTIFICATIONS))
        for place in data.places
        if place.readers != ()
    }
    shown = {(service, table) for service in COPIES for table in (*SHOWN_TABLES, *OF_THE_CHASSIS)}
    copies = {(service, table) for service, tables in COPIES.items() for table in tables}
    assert exported - shown == {*COUNTED.values()} | copies


async def test_the_page_asks_for_the_rows_that_it_shows_alone() -> None:
    visit = a_full_visit()
    await visit.get(ME.opened_by(visit))
    asked = [query.tables for query, _ in visit.gateway.queries if isinstance(query, ExportPersonQuery)]
    assert asked == [["contact", "former_address", "preference", "certificate"]] * 3


async def test_the_page_is_the_same_beside_services_that_do_not_know_of_single_tables() -> None:
    def answer(query: ExportPersonQuery) -> PersonExport | Refusal:
        """Answer as the previous release, with a row on each page."""
        if "tables" in query.model_fields_set:
            return Refusal(code="invalid", detail="tables: an unknown field")
        rows, start = an_export(type(query)).rows, int(query.after or 0)
        return PersonExport(rows=rows[start : start + 1], after=str(start + 1) if start + 1 < len(rows) else None)

    visit = a_full_visit()
    expected = await visit.get(ME.opened_by(visit))
    for previous in (EXPORTS, [membership.ExportPerson]):
        visit = a_full_visit()
        visit.gateway.answers |= dict.fromkeys(previous, answer)
        seen = await visit.get(ME.opened_by(visit))
        assert (seen.status, seen.words) == (200, expected.words)


async def test_the_page_of_somebody_of_whom_nothing_is_known_has_no_empty_sentences() -> None:
    visit = a_full_visit()
    visit.gateway.answers |= dict.fromkeys(EXPORTS, PersonExport(rows=[]))
    seen = await visit.get(ME.opened_by(visit))
    assert seen.status == 200
    assert seen.html.select(".facts > div") == seen.html.select(".history > li") == []


async def test_the_file_has_every_row_of_every_service_as_it_was_exported() -> None:
    visit = a_full_visit()
    seen = await visit.get(ME.opened_by(visit).replace("/data", "/data.json"))
    assert seen.answer.headers["content-disposition"] == 'attachment; filename="practio.json"'
    assert seen.answer.headers["cache-control"] == "no-store"
    content = json.loads(seen.answer.content)
    assert content.pop("person_id") == str(ADA)
    assert set(content) == {"rooms", "membership", "notifications"}
    found = [
        (service, table, row) for service, tables in content.items() for table, rows in tables.items() for row in rows
    ]
    assert found == [(query.owner(), each.table, each.row) for query in EXPORTS for each in an_export(query).rows]
    assert len(found) == sum(len(rows) for rows in ROWS.values())
    assert {actor for _, actor in visit.gateway.queries} == {ADA}


async def test_the_file_has_all_pages_of_a_service() -> None:
    def answer(query: ExportPersonQuery) -> PersonExport:
        number = int(query.after or 0)
        row = ExportedRow(table="note", row={"title": f"Note {number}"})
        return PersonExport(rows=[row], after=str(number + 1) if number < 4 else None)

    visit = a_full_visit()
    visit.gateway.answers[rooms.ExportPerson] = answer
    content = json.loads((await visit.get(ME.opened_by(visit).replace("/data", "/data.json"))).answer.content)
    assert [each["title"] for each in content["rooms"]["note"]] == [f"Note {number}" for number in range(5)]


async def test_a_file_that_is_not_whole_is_not_given() -> None:
    visit = a_full_visit()
    visit.gateway.answers[rooms.ExportPerson] = Refusal(code="failed", detail="x")
    for path in ("/data", "/data.json"):
        assert (await visit.get(ME.opened_by(visit).replace("/data", path))).status == 503


async def test_all_links_can_be_ended_here() -> None:
    visit = a_full_visit()
    done = await visit.press(await visit.get(ME.opened_by(visit)), "End all my links")
    assert "have ended, this one too" in done.words
    assert [each.command for each in visit.gateway.sent] == [EndLinks(person_id=ADA)]


async def test_a_refused_end_is_explained_here() -> None:
    visit = a_full_visit()
    visit.gateway.outcomes[EndLinks] = Refusal(code="not-allowed", detail="x")
    done = await visit.press(await visit.get(ME.opened_by(visit)), "End all my links")
    assert (done.status, "you can no longer do this" in done.words) == (409, True)


async def test_own_rooms_and_preferences_lead_here() -> None:
    for page in (ROOMS, PREFERENCES):
        visit = a_full_visit()
        seen = await visit.get(page.opened_by(visit))
        [link] = [str(each["href"]) for each in seen.html.select("a") if "What Practio knows" in each.get_text()]
        assert (await visit.get(link)).status == 200
