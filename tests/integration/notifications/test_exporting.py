"""What notifications stores about a person, as that person may export it."""

from typing import Any
from uuid import UUID, uuid4

from tests.integration.notifications.notifications_service import NotificationsService, person_registered
from tests.integration.notifications.test_erasing import changed, report
from tests.integration.notifications.test_introductions import a_room, an_address, introduce
from tests.support.stack.example_service import received

from practio_chassis.database.engine import session_maker
from practio_contracts.notifications import ExportPerson, SetPreferences
from practio_contracts.personal_data import PersonExport
from practio_notifications.app import SERVICE


async def exported(notifications: NotificationsService, person: UUID) -> dict[str, list[dict[str, Any]]]:
    """Return what is stored about a person, by table, as JSON values."""
    query = received(ExportPerson(person_id=person), actor=person)
    async with session_maker(notifications.pool)() as session:
        found = await SERVICE.queries[ExportPerson](query, session, query.envelope.time)
    assert isinstance(found, PersonExport), found
    rows: dict[str, list[dict[str, Any]]] = {}
    for each in found.model_dump(mode="json")["rows"]:
        rows.setdefault(each["table"], []).append(each["row"])
    return rows


async def test_an_export_has_name_addresses_preferences_and_what_came_back(
    notifications: NotificationsService,
) -> None:
    person = uuid4()
    first, second = f"{person}@example.org", f"{uuid4()}@example.com"
    await notifications.receive(person_registered(person, email=first))
    await notifications.send(report(first))
    await notifications.receive(changed(person, sequence=2, email=second))
    await notifications.send(received(SetPreferences(person_id=person, reminders=False), actor=person))
    rows = await exported(notifications, person)
    [contact] = rows["contact"]
    assert (contact["email"], contact["time_zone"]) == (second, "Europe/Rome")
    assert [row["email"] for row in rows["former_address"]] == [first]
    assert rows["preference"][0]["wished"]["reminders"] is False
    assert [(row["email"], row["kind"]) for row in rows["bounce"]] == [(first, "hard")]
    assert [row["email"] for row in rows["suppression"]] == [first]
    assert "answer" not in rows["inbox"][0]


async def test_an_introduction_names_neither_who_introduced_nor_who_was_introduced(
    notifications: NotificationsService,
) -> None:
    applicant = await a_room(notifications)
    introduced = await introduce(notifications, applicant, an_address())
    [own] = (await exported(notifications, introduced))["introduction"]
    [hosts] = (await exported(notifications, applicant.room.host_id))["introduction"]
    assert (own["person_id"], own["actor_id"]) == (str(introduced), None)
    assert (hosts["person_id"], hosts["actor_id"]) == (None, str(applicant.room.host_id))
