"""What rooms stores about a person, as that person and the system may export it."""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.test_notes import TEXT, a_note, a_room_with

from practio_chassis.handling.paging import PAGE_BYTES, write_cursor
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.personal_data import PersonExport
from practio_contracts.rooms import ExportPerson


async def export(catalogue: Catalogue, person: UUID, by: UUID | str | None = None, **asked: Any) -> PersonExport:
    """Return a page of what is stored about a person, who exports it unless ``by`` is given."""
    found = await catalogue.ask(ExportPerson(person_id=person, **asked), by or person)
    assert isinstance(found, PersonExport), found
    return found


async def exported(catalogue: Catalogue, person: UUID, **asked: Any) -> list[PersonExport]:
    """Return all pages."""
    pages = [await export(catalogue, person, **asked)]
    while pages[-1].after:
        assert len(pages) < 100, "the pages do not end"
        pages.append(await export(catalogue, person, after=pages[-1].after, **asked))
    return pages


def rows_of(pages: list[PersonExport], table: str) -> list[dict[str, Any]]:
    return [each.row for page in pages for each in page.rows if each.table == table]


async def test_an_export_has_what_a_person_is_and_wrote_and_nobody_else(catalogue: Catalogue) -> None:
    person, other, steward = uuid4(), uuid4(), uuid4()
    room_id, host, [mine, _] = await a_room_with(
        catalogue, person, other, steward_ids=[str(steward)], title="Cases of school heads"
    )
    own, foreign = a_note(room_id), a_note(room_id, title="Of another", text="Not mine.")
    await catalogue.send(own, person)
    await catalogue.send(foreign, other)
    pages = await exported(catalogue, person)
    [note] = rows_of(pages, "note")
    assert (note["note_id"], note["title"], note["text"]) == (str(own.note_id), "Late colleagues", TEXT)
    assert [row["membership_id"] for row in rows_of(pages, "presence")] == [str(mine.membership_id)]
    assert rows_of(pages, "room") == []
    [office] = rows_of(await exported(catalogue, steward), "room")
    assert office["office_ids"] == [str(steward)]
    assert office["snapshot"] == {
        "title": "Cases of school heads",
        "host_id": None,
        "facilitator_ids": [],
        "steward_ids": [str(steward)],
    }
    written = str([page.model_dump_json() for page in [*pages, *await exported(catalogue, steward)]])
    assert not [each for each in (other, host, "Not mine.") if str(each) in written]


async def test_pages_of_any_length_have_every_row_once_in_the_same_order(catalogue: Catalogue) -> None:
    person = uuid4()
    room_id, _, _ = await a_room_with(catalogue, person)
    for number in range(7):
        await catalogue.send(a_note(room_id, title=f"Note {number}"), person)
    whole = [row for page in await exported(catalogue, person) for row in page.rows]
    assert len({row.row["note_id"] for row in whole if row.table == "note"}) == 7
    for limit in (1, 2, 5):
        pages = await exported(catalogue, person, limit=limit)
        assert [row for page in pages for row in page.rows] == whole
        assert {len(page.rows) for page in pages[:-1]} == {limit}


async def test_an_export_of_some_tables_counts_the_rows_of_all_of_them(catalogue: Catalogue) -> None:
    person = uuid4()
    room_id, _, _ = await a_room_with(catalogue, person)
    for number in range(3):
        await catalogue.send(a_note(room_id, title=f"Note {number}"), person)
    whole = await export(catalogue, person)
    assert whole.counts is None
    first, *later = await exported(catalogue, person, tables=["note", "certificate"], limit=2)
    assert {each.table for page in (first, *later) for each in page.rows} == {"note"}
    assert first.counts == dict(Counter(each.table for each in whole.rows))
    assert first.counts["note"] == sum(len(page.rows) for page in (first, *later)) == 3
    assert [page.counts for page in later] == [None]
    [nothing] = await exported(catalogue, person, tables=[])
    assert (nothing.rows, nothing.counts) == ([], first.counts)


async def test_a_page_ends_before_it_is_larger_than_a_message(catalogue: Catalogue) -> None:
    person = uuid4()
    room_id, _, _ = await a_room_with(catalogue, person)
    for _ in range(8):
        await catalogue.send(a_note(room_id, text="語" * 10_000), person)
    pages = await exported(catalogue, person)
    assert len(rows_of(pages, "note")) == 8
    assert len(pages) > 1
    assert max(len(page.model_dump_json().encode()) for page in pages) < PAGE_BYTES * 1.1


async def test_only_the_person_and_the_system_export(catalogue: Catalogue) -> None:
    person, other = uuid4(), uuid4()
    await a_room_with(catalogue, person)
    assert await export(catalogue, person, SYSTEM) == await export(catalogue, person)
    refused = await catalogue.ask(ExportPerson(person_id=person), other)
    assert isinstance(refused, Refusal)
    assert refused.code == "not-allowed"


@pytest.mark.parametrize("after", ["x", write_cursor(-1, []), write_cursor(0, ["\x00" * 40]), write_cursor("note", [])])
async def test_a_cursor_that_is_none_is_refused(catalogue: Catalogue, after: str) -> None:
    refused = await catalogue.ask(ExportPerson(person_id=(person := uuid4()), after=after), person)
    assert isinstance(refused, Refusal)
    assert refused.code == "invalid"
