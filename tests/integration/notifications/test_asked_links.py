"""Links that people ask for by their address: the same answer for everybody, a letter for whose address it is."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tests.integration.notifications.post import Post, a_way, erased, published, registered
from tests.integration.notifications.servers import MailServer, listening
from tests.integration.notifications.test_bounces import bounced
from tests.integration.notifications.test_listing import listed
from tests.support.eventually import eventually
from tests.support.stack.handling import received

from practio_chassis.database.engine import session_maker
from practio_contracts.links import Link, Links, Purpose
from practio_contracts.notifications import Letters, SendLink
from practio_notifications.store.links import queue_links

URL, KEY = "https://rooms.example.org", "k" * 32
NOBODY = UUID("00000000-0000-8000-8000-000000000000")
ADDRESS = re.compile(rf"{URL}/([a-z]+)/([\w.-]+)")
JUST_UNDER, TEN_MINUTES = timedelta(minutes=9, seconds=50), timedelta(minutes=10)


@pytest.fixture
def post(post: Post) -> Post:
    """Give the service with pages."""
    post.settings = {"pages_url": URL, "link_keys": KEY}
    return post


async def asks(post: Post, email: str, room_id: UUID | None = None) -> dict[str, Any]:
    """Ask for a link, as somebody whom nobody knows; gives the answer's data."""
    return await post.send(received(SendLink(email=email, room_id=room_id), actor=NOBODY))


async def people(post: Post, count: int = 1, **fields: Any) -> tuple[list[UUID], str]:
    """Register people with one address; gives them and it."""
    email = f"ada.{uuid4().hex}@example.org"
    ids = sorted(uuid4() for _ in range(count))
    await post.hear(*(registered(person_id, email=email, **fields) for person_id in ids))
    return ids, email


async def counted(post: Post, ids: list[UUID]) -> list[int]:
    """Give how many letters there are to each of these people."""
    return [len(await post.letters(person_id)) for person_id in ids]


async def sent_link(post: Post, person_id: UUID) -> Link:
    """Send the one letter to a person; gives the one link in it."""
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled(person_id, "sent")
    [letter] = server.letters
    assert letter["Feedback-ID"] == "link:transactional:practio"
    body = letter.get_body(("plain",))
    assert body is not None
    [(purpose, token)] = ADDRESS.findall(body.get_content())
    return Links(URL, [KEY]).read(token, Purpose(purpose))


async def test_who_asks_gets_a_link_to_all_rooms_whatever_the_capitals(post: Post) -> None:
    [person_id], email = await people(post, locale="it", time_zone="Europe/Rome")
    answer = await asks(post, email.upper())
    assert (answer["changed"], answer["state"]) == (True, {"email": email.upper()})
    assert await sent_link(post, person_id) == Link(Purpose.ROOMS, person_id, locale="it", time_zone="Europe/Rome")


async def test_nobody_is_told_whether_anybody_has_an_address(post: Post) -> None:
    _, email = await people(post)
    known, unknown = await asks(post, email), await asks(post, "nobody@example.org")
    assert known.keys() == unknown.keys()
    told = {"command_type": "practio.notifications.send-link.v1", "changed": True}
    assert {name: known[name] for name in told} == told == {name: unknown[name] for name in told}
    assert unknown["state"] == {"email": "nobody@example.org"}


async def test_each_of_those_who_share_an_address_gets_a_link_up_to_three(post: Post) -> None:
    two, email = await people(post, 2)
    await asks(post, email)
    assert await counted(post, two) == [1, 1]
    four, email = await people(post, 4)
    await asks(post, email)
    assert sum(await counted(post, four)) == 3


async def test_an_address_that_is_not_written_to_and_who_is_erased_get_none(post: Post) -> None:
    [suppressed], email = await people(post)
    await bounced(post, email)
    assert (await asks(post, email))["changed"]
    [forgotten], gone = await people(post)
    await post.hear(erased(forgotten))
    assert (await asks(post, gone))["changed"]
    assert await counted(post, [suppressed, forgotten]) == [0, 0]


async def test_a_person_gets_one_link_in_ten_minutes_however_often_it_is_asked_for(post: Post) -> None:
    [person_id], email = await people(post)
    answers = [await asks(post, email) for _ in range(3)]
    assert [answer["changed"] for answer in answers] == [True] * 3
    assert await counted(post, [person_id]) == [1]
    await time_passes(post, person_id, JUST_UNDER)
    await asks(post, email)
    assert await counted(post, [person_id]) == [1]
    await time_passes(post, person_id, TEN_MINUTES - JUST_UNDER)
    await asks(post, email)
    assert await counted(post, [person_id]) == [2]


async def time_passes(post: Post, person_id: UUID, time: timedelta) -> None:
    await post.do(
        "UPDATE letter SET created_at = created_at - CAST(:time AS interval) WHERE person_id = :id",
        time=time,
        id=person_id,
    )


async def test_two_who_ask_side_by_side_bring_one_letter(post: Post) -> None:
    [person_id], email = await people(post)
    sessions = session_maker(post.pool)
    async with sessions() as first, sessions() as second:
        await queued(first, email)
        other = asyncio.create_task(queued(second, email))
        await eventually(lambda: has_looked(post, other), saying="somebody who asks beside another")
        await first.commit()
        await other
        await second.commit()
    assert await counted(post, [person_id]) == [1]


async def queued(session: AsyncSession, email: str) -> None:
    """Queue links as one of several processes does, and leave the transaction open."""
    now = datetime.now(UTC)
    await queue_links(session, email, room_id=None, event_id=uuid4(), correlation_id="the-first-cause", now=now)


async def has_looked(post: Post, asking: asyncio.Task[None]) -> bool:
    """Say whether somebody has seen that no link was sent of late, and waits for another to be done, or does not."""
    return asking.done() or bool(await post.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))


async def test_the_link_leads_to_the_room_that_was_looked_at(post: Post) -> None:
    way = a_way()
    [person_id], email = await people(post)
    await post.hear(published(way.room))
    await asks(post, email, way.room.room_id)
    link = await sent_link(post, person_id)
    assert (link.purpose, link.room_id) == (Purpose.WAY, way.room.room_id)


@pytest.mark.parametrize("told", [False, True])
async def test_a_room_that_nobody_may_know_of_is_not_named(post: Post, told: bool) -> None:
    draft = a_way(status="draft").room
    [person_id], email = await people(post)
    if told:
        await post.hear(published(draft))
    await asks(post, email, draft.room_id)
    assert (await sent_link(post, person_id)).purpose is Purpose.ROOMS


async def test_a_link_is_listed_and_said_as_other_letters_are(post: Post) -> None:
    [person_id], email = await people(post)
    await asks(post, email)
    await sent_link(post, person_id)
    answer = await listed(post, person_id)
    assert isinstance(answer, Letters)
    [letter] = answer.letters
    assert (letter.kind, letter.status, letter.about.room_id) == ("link", "sent", None)
    [(key, event)] = await post.said(letter.letter_id)
    assert key == "notifications.letter-sent.v1"
    assert event["data"]["about"] == {"room_id": None, "membership_id": None}


async def test_a_link_to_who_was_erased_meanwhile_is_skipped(post: Post) -> None:
    [person_id], email = await people(post)
    await asks(post, email)
    await post.hear(erased(person_id))
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled(person_id, "skipped")
    assert server.letters == []


async def test_without_pages_a_link_is_refused(post: Post) -> None:
    post.settings = {}
    [person_id], email = await people(post)
    assert (await asks(post, email))["code"] == "not-available"
    assert await counted(post, [person_id]) == [0]


async def test_a_link_that_pages_were_taken_from_meanwhile_fails(post: Post) -> None:
    [person_id], email = await people(post)
    await asks(post, email)
    post.settings = {}
    async with listening(MailServer()) as server, post.sending(server):
        assert (await post.settled(person_id, "failed")).reason == "no-pages"
    assert server.letters == []
