"""What has served its time is forgotten: in chunks, by one copy at a time, and nothing that is still needed."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from tests.integration.notifications.declines import declined
from tests.integration.notifications.notifications_service import Applicant, NotificationsService
from tests.integration.notifications.room_events import a_person_in_a_room, room_event, session_of
from tests.integration.notifications.test_bounces import bounced, resent
from tests.support.stack.retention import forget_once

from practio_chassis.database.engine import session_maker
from practio_chassis.database.table_sizes import BYTES, ROWS, measure_tables
from practio_chassis.handling.retention import forget_chunk
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running
from practio_contracts.rooms import SessionScheduled
from practio_notifications.app import SERVICE
from practio_notifications.retention import retentions
from practio_notifications.settings import Settings

DAYS = {"letter_texts_kept_days": 30, "letters_kept_days": 730, "session_copies_kept_days": 90, "bounces_kept_days": 90}


def settings(**days: int) -> Settings:
    """Return settings with these days."""
    usual: dict[str, Any] = {
        "broker_url": "amqp://practio-notifications:secret@broker/practio",
        "database_url": "postgresql://practio_notifications@database/practio",
        "smtp_host": "mail",
        "mail_from": "practio@example.org",
    }
    return Settings(**(usual | DAYS | days))


def running(notifications: NotificationsService) -> Running:
    """Return what a background loop has."""
    return Running(Transaction(SERVICE, session_maker(notifications.pool)).background, settings())


async def forgotten(notifications: NotificationsService) -> int:
    """Forget until nothing old is left; return how many rows."""
    chunks = []
    while chunk := await forget_once(running(notifications), "notifications", retentions):
        chunks.append(chunk)
    return sum(chunks)


async def settled_letter(notifications: NotificationsService, *, days: int) -> Applicant:
    """Return a letter that was written so many days ago, and sent."""
    applicant = await declined(notifications)
    await notifications.do(
        "UPDATE letter SET status = 'sent', due_at = NULL, created_at = now() - make_interval(days => :days) "
        "WHERE person_id = :id",
        id=applicant.person_id,
        days=days,
    )
    return applicant


async def test_a_letters_text_is_emptied_after_a_month_and_the_letter_forgotten_after_two_years(
    notifications: NotificationsService,
) -> None:
    await forgotten(notifications)
    new, read, old = [await settled_letter(notifications, days=days) for days in (29, 31, 731)]
    assert await forgotten(notifications) == 3
    assert (await notifications.letter(new.person_id)).cause_data is not None
    assert (await notifications.letter(read.person_id)).cause_data is None
    assert await notifications.letters(old.person_id) == []
    assert await forgotten(notifications) == 0


async def test_a_letter_that_is_on_its_way_is_kept_whole_however_old_it_is(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    await notifications.do(
        "UPDATE letter SET created_at = now() - interval '5 years', due_at = now() + interval '1 day' "
        "WHERE person_id = :id",
        id=applicant.person_id,
    )
    await forgotten(notifications)
    assert (await notifications.letter(applicant.person_id)).cause_data is not None


async def test_a_letter_whose_text_is_emptied_cannot_be_sent_again(notifications: NotificationsService) -> None:
    applicant = await settled_letter(notifications, days=31)
    await notifications.do("UPDATE letter SET status = 'failed' WHERE person_id = :id", id=applicant.person_id)
    await forgotten(notifications)
    answer = await resent(notifications, (await notifications.letter(applicant.person_id)).letter_id)
    assert answer["code"] == "letter-emptied"


async def test_sessions_that_were_over_long_ago_are_forgotten_and_others_kept(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    coming, past = session_of(applicant, days=7), session_of(applicant, days=8)
    for session in (coming, past):
        await notifications.receive(room_event(SessionScheduled, applicant, session=session))
    long_ago = "UPDATE session SET ends_at = now() - interval '91 days' WHERE session_id = :id"
    await notifications.do(long_ago, id=past.session_id)
    await forgotten(notifications)
    found = await notifications.rows("SELECT session_id FROM session WHERE room_id = :id", id=applicant.room.room_id)
    assert [row.session_id for row in found] == [coming.session_id]


async def test_bounces_are_forgotten_once_they_count_no_longer_and_the_suppression_stays(
    notifications: NotificationsService,
) -> None:
    email = f"{uuid4()}@example.org"
    await bounced(notifications, email)
    await notifications.do("UPDATE bounce SET at = now() - interval '91 days' WHERE email = :email", email=email)
    await forgotten(notifications)
    assert await notifications.rows("SELECT 1 FROM bounce WHERE email = :email", email=email) == []
    assert len(await notifications.rows("SELECT 1 FROM suppression WHERE email = :email", email=email)) == 1


async def test_a_chunk_is_a_transaction_and_no_more_than_it_holds_is_touched(
    notifications: NotificationsService,
) -> None:
    await forgotten(notifications)
    for _ in range(5):
        await settled_letter(notifications, days=31)
    chunks = []
    for _ in range(4):
        async with running(notifications).transaction() as context:
            chunks.append(await forget_chunk(context, "notifications", retentions(settings()), chunk=2))
    assert chunks == [2, 2, 1, 0]


async def test_only_one_copy_forgets_at_a_time(notifications: NotificationsService) -> None:
    await settled_letter(notifications, days=31)
    async with notifications.pool.begin() as other:
        await other.execute(text("SELECT pg_advisory_xact_lock(hashtext('notifications retention'))"))
        assert await forget_once(running(notifications), "notifications", retentions) == 0
    assert await forget_once(running(notifications), "notifications", retentions) > 0


async def test_a_row_that_somebody_holds_is_left_for_the_next_time(notifications: NotificationsService) -> None:
    await forgotten(notifications)
    applicant = await settled_letter(notifications, days=31)
    async with notifications.pool.begin() as other:
        await other.execute(text("SELECT 1 FROM letter WHERE person_id = :id FOR UPDATE"), {"id": applicant.person_id})
        assert await forget_once(running(notifications), "notifications", retentions) == 0
    assert await forget_once(running(notifications), "notifications", retentions) == 1


async def test_the_sizes_of_all_tables_are_shown(notifications: NotificationsService) -> None:
    await declined(notifications)
    async with notifications.pool.connect() as connection:
        whole = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await whole.execute(text("ANALYZE letter"))
        [rows] = (await whole.execute(text("SELECT count(*) FROM letter"))).one()
    async with running(notifications).transaction() as context:
        await measure_tables(context)
    assert ROWS.labels("letter")._value.get() == rows
    assert BYTES.labels("letter")._value.get() >= 8192
    assert {"letter", "inbox", "outbox"} <= {sample.labels["table"] for sample in next(iter(BYTES.collect())).samples}


def test_letters_are_kept_no_shorter_than_the_inbox() -> None:
    with pytest.raises(ValueError, match="PRACTIO_LETTERS_KEPT_DAYS is at least PRACTIO_INBOX_KEPT_DAYS"):
        settings(letters_kept_days=40, inbox_kept_days=41)
