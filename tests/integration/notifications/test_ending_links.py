"""A person's links end when their address changes, when they are erased, and when they say so."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    NotificationsService,
    person_erased,
    person_registered,
)
from tests.integration.notifications.test_erasing import changed, from_directory
from tests.support.stack.example_service import received

from practio_chassis.database.engine import session_maker
from practio_contracts.answers import Refusal
from practio_contracts.links import Links, Purpose
from practio_contracts.notifications import EndedLinks, EndLinks, GetPreferences, PreferencesFound, SendLink
from practio_contracts.people import PersonRestored
from practio_notifications.queries.letters import get_preferences

URL, KEY = "https://rooms.example.org", "k" * 32


@pytest.fixture
def notifications(notifications: NotificationsService) -> NotificationsService:
    """Return the service with pages."""
    notifications.settings = {"pages_url": URL, "link_keys": KEY}
    return notifications


async def shown(
    notifications: NotificationsService, person_id: UUID, actor: UUID | str | None = None
) -> PreferencesFound | Refusal:
    """Ask for the version of a person's links, as the person."""
    async with session_maker(notifications.pool)() as session:
        query = received(GetPreferences(person_id=person_id), actor=actor or person_id)
        return await get_preferences(query, session, query.envelope.time)


async def version_of(notifications: NotificationsService, person_id: UUID) -> int:
    answer = await shown(notifications, person_id)
    assert isinstance(answer, PreferencesFound), answer
    assert answer.link_version is not None
    return answer.link_version


async def end(notifications: NotificationsService, person_id: UUID, actor: UUID | str | None = None) -> dict[str, Any]:
    """End a person's links, as the person; return the answer's data."""
    return await notifications.send(received(EndLinks(person_id=person_id), actor=actor or person_id))


async def sent_version(notifications: NotificationsService, person_id: UUID, email: str) -> int:
    """Ask for a link by an address; return the version that the link carries."""
    await notifications.send(received(SendLink(email=email)))
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(person_id, "sent")
    [letter] = server.letters
    body = letter.get_body(("plain",))
    assert body is not None
    [token] = re.findall(rf"{URL}/rooms/([\w.-]+)", body.get_content())
    return Links(URL, [KEY]).read(token, Purpose.ROOMS).version


async def test_links_end_when_the_address_changes_and_not_when_anything_else_does(
    notifications: NotificationsService,
) -> None:
    person_id = uuid4()
    old, new = f"old.{person_id}@example.org", f"new.{person_id}@example.org"
    await notifications.receive(person_registered(person_id, email=old, display_name="Ada"))
    await notifications.receive(changed(person_id, sequence=2, email=old.upper()))
    assert await version_of(notifications, person_id) == 0
    await notifications.receive(changed(person_id, sequence=3, email=new))
    assert await version_of(notifications, person_id) == 1
    await notifications.receive(changed(person_id, sequence=3, email=old))
    assert await version_of(notifications, person_id) == 1, "an event that is not newer changes nothing"
    await notifications.receive(changed(person_id, sequence=4, email=old))
    assert await version_of(notifications, person_id) == 2, "links of the first letters do not come back"
    assert await sent_version(notifications, person_id, old) == 2


async def test_a_person_ends_their_links_and_the_next_letter_has_the_next_version(
    notifications: NotificationsService,
) -> None:
    person_id = uuid4()
    await notifications.receive(person_registered(person_id))
    answer = await end(notifications, person_id)
    versions = {"version": 1, "calendar_version": 0}
    assert (answer["changed"], answer["state"]) == (True, {"person_id": str(person_id)} | versions)
    assert await shown(notifications, person_id, "system") == PreferencesFound(person_id=person_id, link_version=1)
    assert await sent_version(notifications, person_id, f"{person_id}@example.org") == 1


async def test_the_address_of_a_calendar_ends_by_itself(notifications: NotificationsService) -> None:
    person_id, other = uuid4(), uuid4()
    await notifications.receive(person_registered(person_id), person_registered(other))
    command = EndLinks(person_id=person_id, only=EndedLinks.CALENDAR)
    answer = await notifications.send(received(command, actor=person_id))
    assert (answer["changed"], answer["state"]["version"], answer["state"]["calendar_version"]) == (True, 0, 1)
    answer = await notifications.send(received(command, actor=other))
    assert answer["code"] == "not-allowed"
    found = PreferencesFound(person_id=person_id, link_version=0, calendar_version=1)
    assert await shown(notifications, person_id) == found
    assert await shown(notifications, other) == PreferencesFound(person_id=other, link_version=0)
    await end(notifications, person_id)
    found = PreferencesFound(person_id=person_id, link_version=1, calendar_version=1)
    assert await shown(notifications, person_id) == found


async def test_the_same_command_ends_links_once(notifications: NotificationsService) -> None:
    person_id = uuid4()
    await notifications.receive(person_registered(person_id))
    command = received(EndLinks(person_id=person_id), actor=person_id)
    assert await notifications.send(command) == await notifications.send(command)
    assert await version_of(notifications, person_id) == 1


async def test_nobody_ends_or_sees_the_links_of_others(notifications: NotificationsService) -> None:
    person_id = uuid4()
    await notifications.receive(person_registered(person_id))
    assert (await end(notifications, person_id, uuid4()))["code"] == "not-allowed"
    refusal = await shown(notifications, person_id, uuid4())
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not-allowed"
    assert await version_of(notifications, person_id) == 0
    by_system = received(EndLinks(person_id=person_id), actor="system", account="practio-notifications")
    assert (await notifications.send(by_system))["changed"]


async def test_somebody_who_is_not_known_has_no_links(notifications: NotificationsService) -> None:
    person_id = uuid4()
    answer = await end(notifications, person_id)
    assert (answer["changed"], answer["state"]["version"]) == (False, 0)
    assert await version_of(notifications, person_id) == 0


async def test_links_from_before_an_erasure_do_not_come_back_with_a_restoration(
    notifications: NotificationsService,
) -> None:
    person_id = uuid4()
    await notifications.receive(person_registered(person_id))
    await notifications.receive(person_erased(person_id))
    restored = from_directory(PersonRestored(person_id=person_id), person_id, sequence=3, at=59)
    await notifications.receive(restored, person_registered(person_id, sequence=4))
    assert await version_of(notifications, person_id) >= 1
