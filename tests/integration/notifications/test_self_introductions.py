"""People whom nobody knows introduce themselves: their address is asked who they are, and becomes one person."""

import asyncio
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    an_applicant,
    membership_event,
    person_erased,
    person_registered,
    room_published,
)
from tests.integration.notifications.test_bounces import bounced
from tests.integration.notifications.test_ending_links import shown
from tests.integration.notifications.test_forgetting import forgotten
from tests.integration.notifications.test_introductions import introduce, invited, names
from tests.integration.notifications.test_link_requests import time_passes
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import an_event

from practio_chassis.context import ReceivedMessage
from practio_contracts.links import Link, Links, Purpose
from practio_contracts.membership import Invited, Joined, Status
from practio_contracts.message import Message
from practio_contracts.notifications import Introduction, PreferencesFound, SendLink
from practio_contracts.people import PersonRegistered
from practio_notifications.letters.introductions import MOST_LETTERS
from practio_notifications.letters.links import PAUSE

URL, KEY = "https://rooms.example.org", "k" * 32
ADDRESS = re.compile(rf"{URL}/([a-z]+)/([\w.-]+)")


@pytest.fixture
def notifications(notifications: NotificationsService) -> NotificationsService:
    """Return the service with pages, on which people may introduce themselves."""
    notifications.settings = {"pages_url": URL, "link_keys": KEY, "self_introduction": "confirmed"}
    return notifications


def an_address() -> str:
    return f"noor-{uuid4()}@example.org"


async def asks(notifications: NotificationsService, email: str, **fields: Any) -> dict[str, Any]:
    """Ask for a link by an address; return the answer's data."""
    return await notifications.send(received(SendLink.model_validate({"email": email} | fields)))


async def kinds(notifications: NotificationsService, email: str) -> list[str]:
    """Return the kinds of the letters to an address, oldest first."""
    what = (
        "SELECT kind FROM letter JOIN contact USING (person_id) WHERE lower(email) = lower(:email) ORDER BY created_at"
    )
    return [row.kind for row in await notifications.rows(what, email=email)]


async def people_of(notifications: NotificationsService, email: str) -> list[UUID]:
    """Return the people with an address."""
    what = "SELECT person_id FROM contact WHERE lower(email) = lower(:email) ORDER BY person_id"
    return [row.person_id for row in await notifications.rows(what, email=email)]


async def person_of(notifications: NotificationsService, email: str) -> UUID:
    [person_id] = await people_of(notifications, email)
    return person_id


def by_pages(person_id: UUID, email: str, **fields: Any) -> ReceivedMessage[Message]:
    """Return the event by which pages registers a person."""
    whole = {"person_id": person_id, "email": email, "display_name": "Noor", "locale": "nl", "time_zone": "UTC"}
    attributes = {"account": "pages", "source": "/practio/pages", "subject": str(person_id), "sequence": "1"}
    return received(PersonRegistered.model_validate(whole | fields), **attributes)


async def introduction_of(notifications: NotificationsService, person_id: UUID) -> Introduction | None:
    answer = await shown(notifications, person_id)
    assert isinstance(answer, PreferencesFound), answer
    return answer.introduction


async def name_of(notifications: NotificationsService, person_id: UUID) -> str:
    [row] = await notifications.rows("SELECT display_name FROM contact WHERE person_id = :id", id=person_id)
    return str(row.display_name)


async def sent_link(notifications: NotificationsService, person_id: UUID) -> tuple[Link, str]:
    """Send the one letter to a person; return the one link in it, and its text."""
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(person_id, "sent")
    [letter] = server.letters
    body = letter.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    [(purpose, token)] = ADDRESS.findall(text)
    return Links(URL, [KEY]).read(token, Purpose(purpose)), text


async def test_an_address_that_nobody_knows_is_asked_and_becomes_a_person(notifications: NotificationsService) -> None:
    email = an_address()
    await asks(notifications, email.replace("example", "EXAMPLE"), locale="fr")
    person_id = await person_of(notifications, email)
    link, text = await sent_link(notifications, person_id)
    assert link == Link(Purpose.INTRODUCE, person_id, locale="fr", time_zone="UTC")
    assert "Bonjour," in text
    assert email not in text.lower()
    assert await introduction_of(notifications, person_id) == Introduction(email=email)
    await notifications.receive(by_pages(person_id, email))
    assert await introduction_of(notifications, person_id) is None
    await time_passes(notifications, person_id, PAUSE)
    await asks(notifications, email)
    assert await kinds(notifications, email) == ["introduce", "link"]


async def test_the_letter_has_the_language_and_the_link_the_room_of_what_was_looked_at(
    notifications: NotificationsService,
) -> None:
    room = an_applicant(language="de", time_zone="Europe/Berlin").room
    await notifications.receive(room_published(room))
    email = an_address()
    await asks(notifications, email, room_id=room.room_id)
    link, text = await sent_link(notifications, await person_of(notifications, email))
    assert (link.room_id, link.locale, link.time_zone) == (room.room_id, "de", "Europe/Berlin")
    assert room.title in " ".join(text.split())


async def test_known_and_unknown_addresses_have_the_same_answer_and_a_letter_each(
    notifications: NotificationsService,
) -> None:
    known, unknown, person_id = an_address(), an_address(), uuid4()
    await notifications.receive(person_registered(person_id, email=known))
    answers = [await asks(notifications, email) for email in (known, unknown)]
    assert {frozenset(answer) for answer in answers} == {frozenset(answers[0])}
    assert [(each["command_type"], each["changed"]) for each in answers] == [(answers[0]["command_type"], True)] * 2
    assert [answer["state"] for answer in answers] == [{"email": known}, {"email": unknown}]
    due = "SELECT letter.due_at = letter.created_at FROM letter JOIN contact USING (person_id) WHERE email = :email"
    assert [await notifications.rows(due, email=email) for email in (known, unknown)] == [[(True,)], [(True,)]]
    assert [await kinds(notifications, email) for email in (known, unknown)] == [["link"], ["introduce"]]


async def test_nobody_is_asked_where_people_may_not_introduce_themselves(notifications: NotificationsService) -> None:
    asked, never_asked = an_address(), an_address()
    await asks(notifications, asked)
    person_id = await person_of(notifications, asked)
    notifications.settings = notifications.settings | {"self_introduction": "off"}
    await time_passes(notifications, person_id, PAUSE)
    for email in (asked, never_asked):
        assert (await asks(notifications, email))["changed"]
    assert await kinds(notifications, asked) == ["introduce"]
    assert await people_of(notifications, never_asked) == []
    await notifications.receive(by_pages(person_id, asked))
    assert await name_of(notifications, person_id) == ""


async def test_an_address_is_asked_three_times_a_day_with_a_pause_between(notifications: NotificationsService) -> None:
    email = an_address()
    for _ in range(2):
        await asks(notifications, email)
    assert await kinds(notifications, email) == ["introduce"]
    person_id = await person_of(notifications, email)
    for _ in range(MOST_LETTERS + 1):
        await time_passes(notifications, person_id, PAUSE)
        await asks(notifications, email)
    assert await kinds(notifications, email) == ["introduce"] * MOST_LETTERS
    day = "UPDATE introduction SET at = at - interval '1 day' WHERE person_id = :id"
    await notifications.do(day, id=person_id)
    await asks(notifications, email)
    assert await kinds(notifications, email) == ["introduce"] * (MOST_LETTERS + 1)


async def test_all_strangers_together_are_asked_as_often_a_day_as_the_setting_says(
    notifications: NotificationsService,
) -> None:
    await notifications.do("DELETE FROM introduction")
    notifications.settings = notifications.settings | {"introductions_per_day": 2}
    emails = [an_address() for _ in range(3)]
    answers = [await asks(notifications, email) for email in emails]
    assert [answer["changed"] for answer in answers] == [True] * 3
    assert [await kinds(notifications, email) for email in emails] == [["introduce"], ["introduce"], []]
    assert await people_of(notifications, emails[2]) == []


async def test_the_id_of_an_address_that_asked_tells_nothing_of_when_it_did(
    notifications: NotificationsService,
) -> None:
    await asks(notifications, email := an_address())
    assert (await person_of(notifications, email)).version == 4


async def test_two_who_ask_at_once_for_an_address_lead_to_one_person_and_one_letter(
    notifications: NotificationsService,
) -> None:
    email = an_address()
    await asyncio.gather(*(asks(notifications, email) for _ in range(4)))
    assert await kinds(notifications, email) == ["introduce"]


async def test_a_suppressed_address_is_not_asked_and_that_of_an_erased_person_is_a_new_one(
    notifications: NotificationsService,
) -> None:
    gone, known, erased = an_address(), an_address(), uuid4()
    await bounced(notifications, gone)
    assert (await asks(notifications, gone))["changed"]
    assert await people_of(notifications, gone) == []
    await notifications.receive(person_registered(erased, email=known), person_erased(erased))
    await asks(notifications, known)
    assert await person_of(notifications, known) != erased
    assert await kinds(notifications, known) == ["introduce"]


async def test_pages_registers_nobody_but_the_person_of_an_address_that_was_asked(
    notifications: NotificationsService,
) -> None:
    email, known, stranger = an_address(), uuid4(), uuid4()
    await notifications.receive(person_registered(known))
    await asks(notifications, email)
    person_id = await person_of(notifications, email)
    await notifications.receive(
        by_pages(stranger, an_address()),
        by_pages(person_id, an_address()),
        by_pages(known, f"{known}@example.org"),
    )
    assert await notifications.rows("SELECT 1 FROM contact WHERE person_id = :id", id=stranger) == []
    assert [await name_of(notifications, each) for each in (person_id, known)] == ["", "Ada Moretti"]


async def test_an_address_that_a_directory_registered_meanwhile_is_not_registered_again(
    notifications: NotificationsService,
) -> None:
    email, known = an_address(), uuid4()
    await asks(notifications, email)
    person_id = await person_of(notifications, email)
    await notifications.receive(person_registered(known, email=email.upper()), by_pages(person_id, email))
    assert await name_of(notifications, person_id) == ""
    assert await introduction_of(notifications, person_id) == Introduction(email=None)
    await time_passes(notifications, person_id, PAUSE)
    await asks(notifications, email)
    assert await kinds(notifications, email) == ["introduce", "link"]


async def test_a_directory_replaces_what_a_person_said_of_themselves(notifications: NotificationsService) -> None:
    email = an_address()
    await asks(notifications, email)
    person_id = await person_of(notifications, email)
    await notifications.receive(by_pages(person_id, email), by_pages(person_id, email, display_name="Twice"))
    assert await name_of(notifications, person_id) == "Noor"
    await notifications.receive(person_registered(person_id, email=email, display_name="Noor de Wit"))
    assert await name_of(notifications, person_id) == "Noor de Wit"


async def an_invited_person(notifications: NotificationsService, *, name: str | None = None) -> tuple[Applicant, str]:
    """Return a person whom a host introduced and invited, and their address."""
    email, applicant = an_address(), an_applicant()
    await notifications.receive(room_published(applicant.room))
    way = invited(applicant, await introduce(notifications, applicant, email, display_name=name))
    await notifications.receive(membership_event(an_event(Invited, way.membership(Status.INVITED, version=1))))
    return way, email


async def test_an_invited_person_asks_for_a_link_as_everybody_does_and_may_say_who_they_are(
    notifications: NotificationsService,
) -> None:
    way, email = await an_invited_person(notifications)
    await asks(notifications, email)
    assert sorted(await kinds(notifications, email)) == ["invitation-reminder", "invited", "link"]
    assert await introduction_of(notifications, way.person_id) == Introduction(email=email)
    await notifications.receive(by_pages(way.person_id, email))
    assert await introduction_of(notifications, way.person_id) is None
    assert await names(notifications, way) == [], "they have not accepted yet"
    await notifications.receive(membership_event(an_event(Joined, way.membership(Status.JOINED, version=2))))
    assert await names(notifications, way) == ["Noor"]


async def test_an_invited_person_may_say_who_they_are_after_accepting_too(notifications: NotificationsService) -> None:
    way, email = await an_invited_person(notifications, name="Nor")
    assert await names(notifications, way) == [], "the name by the host is shown to nobody yet"
    await notifications.receive(membership_event(an_event(Joined, way.membership(Status.JOINED, version=2))))
    assert await names(notifications, way) == ["Nor"]
    assert await introduction_of(notifications, way.person_id) == Introduction(email=email)
    await notifications.receive(by_pages(way.person_id, email))
    assert await names(notifications, way) == ["Noor"]


async def test_an_address_that_asked_and_was_introduced_by_a_host_is_one_person(
    notifications: NotificationsService,
) -> None:
    email, applicant = an_address(), an_applicant()
    await notifications.receive(room_published(applicant.room))
    await asks(notifications, email)
    person_id = await introduce(notifications, applicant, email.upper())
    assert await people_of(notifications, email) == [person_id]
    await time_passes(notifications, person_id, PAUSE)
    await asks(notifications, email)
    assert await kinds(notifications, email) == ["introduce", "link"], "the link shows them their invitation"


async def test_an_address_whose_owner_does_not_answer_is_forgotten_after_a_week(
    notifications: NotificationsService,
) -> None:
    silent, registered, lately = an_address(), an_address(), an_address()
    for email in (silent, registered, lately):
        await asks(notifications, email)
    await notifications.receive(by_pages(await person_of(notifications, registered), registered))
    week = "UPDATE contact SET asked_at = asked_at - interval '169 hours' WHERE lower(email) = :email"
    for email in (silent, registered):
        await notifications.do(week, email=email)
    assert await forgotten(notifications) >= 1
    assert [len(await people_of(notifications, email)) for email in (silent, registered, lately)] == [0, 1, 1]


async def test_an_erasure_of_a_person_who_introduced_themselves_leaves_nothing(
    notifications: NotificationsService,
) -> None:
    email = an_address()
    await asks(notifications, email)
    person_id = await person_of(notifications, email)
    await notifications.receive(by_pages(person_id, email))
    await notifications.receive(person_erased(person_id))
    assert await people_of(notifications, email) == []
    [row] = await notifications.rows("SELECT asked_at, display_name FROM contact WHERE person_id = :id", id=person_id)
    assert tuple(row) == (None, None)
    assert await notifications.rows("SELECT 1 FROM introduction WHERE person_id = :id", id=person_id) == []
