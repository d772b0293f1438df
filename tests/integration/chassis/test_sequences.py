"""One odd number silences nobody: what an account states makes no other account's events look old."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text
from tests.support.stack.example_service import ExampleService, received

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.retention import Retention, forget_chunk
from practio_contracts.message import Message
from practio_contracts.people import PersonChanged

DIRECTORY = "urn:example:directory"


def a_change(person_id: uuid.UUID, name: str, sequence: int, **attributes: Any) -> ReceivedMessage[Message]:
    changed = PersonChanged(
        person_id=person_id, display_name=name, email="ada@example.org", locale="en", time_zone="Europe/Rome"
    )
    about = {"sequence": str(sequence), "subject": str(person_id), "actor": None, "source": DIRECTORY}
    return received(changed, **(about | attributes))


async def test_a_number_of_another_account_with_the_same_source_changes_nothing(desk: ExampleService) -> None:
    person_id = uuid.uuid4()
    await desk.transaction().handle([a_change(person_id, "Ada", 1, account="directory")])
    await desk.transaction().handle([a_change(person_id, "Mallory", 10**15, account="intranet")])
    await desk.transaction().handle([a_change(person_id, "Ada Lovelace", 2, account="directory")])
    assert desk.seen == [("Ada", True), ("Mallory", True), ("Ada Lovelace", True)]


async def test_numbers_from_before_accounts_were_kept_still_count(desk: ExampleService) -> None:
    person_id = uuid.uuid4()
    async with desk.pool.begin() as connection:
        row = {"source": DIRECTORY, "subject": str(person_id)}
        await connection.execute(text("INSERT INTO latest VALUES (:source, :subject, 7)"), row)
    await desk.transaction().handle([a_change(person_id, "late", 7), a_change(person_id, "new", 8)])
    assert desk.seen == [("late", False), ("new", True)]


async def test_numbers_of_services_are_kept_by_source(desk: ExampleService) -> None:
    person_id, source = uuid.uuid4(), "/practio/rooms"
    await desk.transaction().handle([a_change(person_id, "a", 3, source=source, account="practio-rooms")])
    assert [row.sequence for row in await desk.rows("SELECT * FROM latest")] == [3]
    assert await desk.rows("SELECT * FROM latest_by_account") == []


@pytest.mark.parametrize("table", ["latest", "latest_by_account"])
async def test_subjects_that_are_silent_for_years_are_forgotten(desk: ExampleService, table: str) -> None:
    silent, known = uuid.uuid4(), uuid.uuid4()
    source, account = ("/practio/rooms", "practio-rooms") if table == "latest" else (DIRECTORY, "directory")
    for person_id in (silent, known):
        await desk.transaction().handle([a_change(person_id, "Ada", 1, source=source, account=account)])
    async with desk.pool.begin() as connection:
        await connection.execute(text(f"UPDATE {table} SET seen_on = current_date - 1096"))
    await desk.transaction().handle([a_change(known, "Ada", 2, source=source, account=account)])
    numbers = getattr(desk.chassis_tables, table)
    kept = Retention(table=numbers, since=numbers.c.seen_on, days=1_095)
    async with desk.transaction().background() as context:
        assert await forget_chunk(context, "chassis", [kept]) == 1
    assert [row.subject for row in await desk.rows(f"SELECT subject FROM {table}")] == [str(known)]
