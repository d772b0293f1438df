"""A digest of thousands of letters: a sender has few of them in memory, and the digest counts them all."""

import gc
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import NotificationsService, membership_event
from tests.integration.notifications.test_delivery_rules import HOUR_PASSES, a_host, all_are, asks, mail_to, of_kind
from tests.support.eventually import eventually
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Status, Withdrawn
from practio_notifications.delivery import due_letters
from practio_notifications.delivery.claims import claim
from practio_notifications.delivery.digest_contents import CHUNK
from practio_notifications.letters.abridging import MOST_SHOWN
from practio_notifications.letters.relevance import Situation
from practio_notifications.store.situations import situations
from practio_notifications.tables import LetterRow

MANY_MORE = """
    INSERT INTO letter (letter_id, fact_id, correlation_id, kind, person_id, member_id, room_id, membership_id, told,
        status, tries, interrupted, created_at, gathered_in)
    SELECT md5(letter_id::text || copy)::uuid, md5(fact_id::text || copy)::uuid, correlation_id, kind, person_id,
        member_id, room_id, membership_id, told, status, tries, interrupted,
        created_at + copy * interval '1 millisecond', gathered_in
    FROM letter, generate_series(1, CAST(:copies AS int)) AS copy
    WHERE kind = 'request-to-decide' AND member_id = :member AND person_id = :host"""


def rows_in_memory() -> int:
    return sum(type(each) is LetterRow for each in gc.get_objects())


async def test_a_digest_of_thousands_is_looked_at_in_chunks_and_counts_all(
    notifications: NotificationsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at, alive = [], []

    async def seen(session: AsyncSession, letters: Sequence[LetterRow], now: datetime) -> list[Situation | None]:
        looked_at.append(len(letters))
        if len(letters) > 1:  # later, this test reads letters itself
            alive.append(rows_in_memory())
        return await situations(session, letters, now)

    applicant = await a_host(notifications, requests_digest="daily")
    host = applicant.room.host_id
    async with listening(MailServer()) as server:
        async with notifications.sending(server):
            stays = await asks(notifications, applicant.room, "Stays")
            goes = await asks(notifications, applicant.room, "Goes")
            await all_are(notifications, host, "request-to-decide", "held")
        await notifications.do(MANY_MORE, copies=3_999, member=stays.person_id, host=host)
        await notifications.do(MANY_MORE, copies=299, member=goes.person_id, host=host)
        withdrawn = an_event(Withdrawn, goes.membership(Status.WITHDRAWN, version=2), from_status="requested")
        await notifications.receive(membership_event(withdrawn))
        await notifications.do(HOUR_PASSES, kind="requests-digest")
        gc.collect()
        before = rows_in_memory()
        monkeypatch.setattr(due_letters, "situations", seen)
        async with notifications.sending(server):
            await eventually(lambda: mail_to(server, host), within=60, message="the digest")
            await all_are(notifications, host, "requests-digest", "sent")
    assert sum(looked_at) >= 4_300
    assert max(looked_at) <= CHUNK
    assert max(alive) <= before + 2 * CHUNK + 1
    letters = await of_kind(notifications, host, "request-to-decide")
    assert {each: letters.count(each) for each in set(letters)} == {("sent", None): 4_000, ("skipped", "moved-on"): 300}
    [text] = mail_to(server, host)
    assert "4000 people would like to join" in " ".join(text.split())
    assert f"{4_000 - MOST_SHOWN} more requests are waiting" in " ".join(text.split())
    assert text.count("Stays") == MOST_SHOWN
    assert "Goes" not in text


async def test_a_claimed_digest_brings_only_the_letters_that_it_may_show(notifications: NotificationsService) -> None:
    applicant = await a_host(notifications, requests_digest="daily")
    host = applicant.room.host_id
    async with listening(MailServer()) as server, notifications.sending(server):
        stays = await asks(notifications, applicant.room, "Stays")
        await all_are(notifications, host, "request-to-decide", "held")
    await notifications.do(MANY_MORE, copies=499, member=stays.person_id, host=host)
    await notifications.do(HOUR_PASSES, kind="requests-digest")
    async with notifications.transaction() as context:
        claimed = (await claim(context, limit=100, lease=timedelta(seconds=15))).leaving
    [digest] = [each for each in claimed if each.kind.is_digest and each.person_id == host]
    assert len(digest.items) == MOST_SHOWN
    assert digest.besides == {applicant.room.room_id: 500 - MOST_SHOWN}
