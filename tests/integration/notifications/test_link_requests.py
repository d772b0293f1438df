"""Links that people ask for with their address: one answer for everybody, a letter for the owner of the address."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    NotificationsService,
    an_applicant,
    person_erased,
    person_registered,
    room_published,
)
from tests.integration.notifications.test_bounces import bounced
from tests.integration.notifications.test_listing import listed
from tests.support.eventually import eventually
from tests.support.stack.example_service import received

from practio_chassis.database.engine import session_maker
from practio_contracts.links import Link, Links, Purpose
from practio_contracts.notifications import Letters, SendLink
from practio_notifications.letters.kinds import LINK
from practio_notifications.letters.links import to_link
from practio_notifications.store.links import asking_with, queue_links

URL, KEY = "https://rooms.example.org", "k" * 32
NOBODY = UUID("00000000-0000-8000-8000-000000000000")
ADDRESS = re.compile(rf"{URL}/([a-z]+)/([\w.-]+)")
JUST_UNDER, TEN_MINUTES = timedelta(minutes=9, seconds=50), timedelta(minutes=10)


@pytest.fixture
def notifications(notifications: NotificationsService) -> NotificationsService:
    """Return the service with pages."""
    notifications.settings = {"pages_url": URL, "link_keys": KEY}
    return notifications


async def asks(notifications: NotificationsService, email: str, room_id: UUID | None = None) -> dict[str, Any]:
    """Ask for a link as an unknown person; return the answer's data."""
    return await notifications.send(received(SendLink(email=email, room_id=room_id), actor=NOBODY))


async def people(notifications: NotificationsService, count: int = 1, **fields: Any) -> tuple[list[UUID], str]:
    """Register people with one address; return their ids and the address."""
    email = f"ada.{uuid4().hex}@example.org"
    ids = sorted(uuid4() for _ in range(count))
    await notifications.receive(*(person_registered(person_id, email=email, **fields) for person_id in ids))
    return ids, email


async def counted(notifications: NotificationsService, ids: list[UUID]) -> list[int]:
    """Return how many letters there are to each of these people."""
    return [len(await notifications.letters(person_id)) for person_id in ids]


@pytest.mark.parametrize("asked", ["bücher.example", "xn--bcher-kva.example", "BU\u0308CHER.example"])
@pytest.mark.parametrize("known", ["bücher.example", "xn--bcher-kva.example"])
async def test_a_link_is_found_by_every_form_of_an_address(
    notifications: NotificationsService, known: str, asked: str
) -> None:
    person_id, local_part = uuid4(), f"anna.{uuid4().hex}"
    await notifications.receive(person_registered(person_id, email=f"{local_part}@{known}"))
    await asks(notifications, f"{local_part}@{asked}")
    assert await counted(notifications, [person_id]) == [1]


async def sent_link(notifications: NotificationsService, person_id: UUID) -> Link:
    """Send the one letter to a person; return the one link in it."""
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(person_id, "sent")
    [letter] = server.letters
    assert letter["Feedback-ID"] == "link:transactional:practio"
    body = letter.get_body(("plain",))
    assert body is not None
    [(purpose, token)] = ADDRESS.findall(body.get_content())
    return Links(URL, [KEY]).read(token, Purpose(purpose))


async def test_a_person_who_asks_gets_a_link_to_all_rooms_in_any_letter_case(
    notifications: NotificationsService,
) -> None:
    [person_id], email = await people(notifications, locale="it", time_zone="Europe/Rome")
    answer = await asks(notifications, email.upper())
    assert (answer["changed"], answer["state"]) == (True, {"email": email.upper()})
    assert await sent_link(notifications, person_id) == Link(
        Purpose.ROOMS, person_id, locale="it", time_zone="Europe/Rome"
    )


async def test_the_answer_does_not_reveal_whether_an_address_is_known(notifications: NotificationsService) -> None:
    _, email = await people(notifications)
    known, unknown = await asks(notifications, email), await asks(notifications, "nobody@example.org")
    assert known.keys() == unknown.keys()
    known = {"command_type": "practio.notifications.send-link.v1", "changed": True}
    assert {name: known[name] for name in known} == known == {name: unknown[name] for name in known}
    assert unknown["state"] == {"email": "nobody@example.org"}


async def test_up_to_three_people_who_share_an_address_each_get_a_link(notifications: NotificationsService) -> None:
    two, email = await people(notifications, 2)
    await asks(notifications, email)
    assert await counted(notifications, two) == [1, 1]
    four, email = await people(notifications, 4)
    await asks(notifications, email)
    assert sum(await counted(notifications, four)) == 3


async def test_a_suppressed_address_and_an_erased_person_get_no_link(notifications: NotificationsService) -> None:
    [suppressed], email = await people(notifications)
    await bounced(notifications, email)
    assert (await asks(notifications, email))["changed"]
    [forgotten], gone = await people(notifications)
    await notifications.receive(person_erased(forgotten))
    assert (await asks(notifications, gone))["changed"]
    assert await counted(notifications, [suppressed, forgotten]) == [0, 0]


async def test_a_person_gets_at_most_one_link_in_ten_minutes(notifications: NotificationsService) -> None:
    [person_id], email = await people(notifications)
    answers = [await asks(notifications, email) for _ in range(3)]
    assert [answer["changed"] for answer in answers] == [True] * 3
    assert await counted(notifications, [person_id]) == [1]
    await time_passes(notifications, person_id, JUST_UNDER)
    await asks(notifications, email)
    assert await counted(notifications, [person_id]) == [1]
    await time_passes(notifications, person_id, TEN_MINUTES - JUST_UNDER)
    await asks(notifications, email)
    assert await counted(notifications, [person_id]) == [2]


async def time_passes(notifications: NotificationsService, person_id: UUID, time: timedelta) -> None:
    await notifications.do(
        "UPDATE letter SET created_at = created_at - CAST(:time AS interval) WHERE person_id = :id",
        time=time,
        id=person_id,
    )


async def test_two_concurrent_commands_send_one_letter(notifications: NotificationsService) -> None:
    [person_id], email = await people(notifications)
    sessions = session_maker(notifications.pool)
    async with sessions() as first, sessions() as second:
        await queued(first, email)
        other = asyncio.create_task(queued(second, email))
        await eventually(lambda: has_looked(notifications, other), message="somebody who asks beside another")
        await first.commit()
        await other
        await second.commit()
    assert await counted(notifications, [person_id]) == [1]


async def queued(session: AsyncSession, email: str) -> None:
    """Queue links as one of several processes does, and leave the transaction open."""
    now = datetime.now(UTC)
    people = to_link(await asking_with(session, email), now)
    await queue_links(session, LINK, people, room_id=None, event_id=uuid4(), correlation_id="the-first-cause", now=now)


async def has_looked(notifications: NotificationsService, asking: asyncio.Task[None]) -> bool:
    """Return whether somebody has seen that no link was sent of late, and waits for another to be done, or does not."""
    return asking.done() or bool(await notifications.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))


async def test_the_link_leads_to_the_room_named_in_the_command(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    [person_id], email = await people(notifications)
    await notifications.receive(room_published(applicant.room))
    await asks(notifications, email, applicant.room.room_id)
    link = await sent_link(notifications, person_id)
    assert (link.purpose, link.room_id) == (Purpose.WAY, applicant.room.room_id)


@pytest.mark.parametrize("known", [False, True])
async def test_a_draft_or_unknown_room_is_not_named(notifications: NotificationsService, known: bool) -> None:
    draft = an_applicant(status="draft").room
    [person_id], email = await people(notifications)
    if known:
        await notifications.receive(room_published(draft))
    await asks(notifications, email, draft.room_id)
    assert (await sent_link(notifications, person_id)).purpose is Purpose.ROOMS


async def test_a_link_letter_is_listed_and_published_like_other_letters(notifications: NotificationsService) -> None:
    [person_id], email = await people(notifications)
    await asks(notifications, email)
    await sent_link(notifications, person_id)
    answer = await listed(notifications, person_id)
    assert isinstance(answer, Letters)
    [letter] = answer.letters
    assert (letter.kind, letter.status, letter.about.room_id) == ("link", "sent", None)
    [(key, event)] = await notifications.published_events(letter.letter_id)
    assert key == "notifications.letter-sent.v1"
    assert event["data"]["about"] == {"room_id": None, "membership_id": None}


async def test_a_link_for_a_person_erased_meanwhile_is_skipped(notifications: NotificationsService) -> None:
    [person_id], email = await people(notifications)
    await asks(notifications, email)
    await notifications.receive(person_erased(person_id))
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(person_id, "skipped")
    assert server.letters == []


async def test_without_pages_a_link_is_refused(notifications: NotificationsService) -> None:
    notifications.settings = {}
    [person_id], email = await people(notifications)
    assert (await asks(notifications, email))["code"] == "not-available"
    assert await counted(notifications, [person_id]) == [0]


async def test_a_link_letter_fails_if_pages_was_switched_off_meanwhile(notifications: NotificationsService) -> None:
    [person_id], email = await people(notifications)
    await asks(notifications, email)
    notifications.settings = {}
    async with listening(MailServer()) as server, notifications.sending(server):
        assert (await notifications.settled(person_id, "failed")).reason == "no-pages"
    assert server.letters == []
