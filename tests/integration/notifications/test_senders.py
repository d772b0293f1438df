"""Several senders: each letter is sent once, whichever of them stops, is killed or comes late."""

import asyncio
from collections import Counter
from datetime import timedelta

from tests.integration.notifications.declines import declined
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    NotificationsService,
)
from tests.support.eventually import eventually

from practio_notifications.delivery.claims import claim, renew
from practio_notifications.delivery.outcomes import Returned, note
from practio_notifications.letters.delivery import AttemptOutcome, DeliveryAttempt, RetrySchedule


async def test_two_senders_share_letters_and_send_each_once(notifications: NotificationsService) -> None:
    applicants = [await declined(notifications) for _ in range(40)]
    async with listening(MailServer()) as server, notifications.sending(server), notifications.sending(server):
        for applicant in applicants:
            await notifications.settled(applicant.person_id, "sent")
    assert set(Counter(mail["Message-ID"] for mail in server.letters).values()) == {1}
    assert len(server.letters) == 40


async def test_a_stopping_sender_finishes_its_letters(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    server = MailServer()
    server.gate.clear()
    async with listening(server), notifications.sending(server) as sender:
        await eventually(lambda: len(server.letters) == 1)
        sender.cancel()
        await eventually(lambda: sender.cancelling() > 0)
        server.gate.set()
        await asyncio.wait({sender})
        assert (await notifications.letter(applicant.person_id)).status == "sent"


async def test_a_letter_whose_sender_was_killed_is_sent_once_more_with_the_same_message_id(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    killed = "UPDATE letter SET status = 'sending', tries = 1, due_at = now() WHERE person_id = :id"
    await notifications.do(killed, id=applicant.person_id)
    async with listening(MailServer()) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "sent")
    assert [mail["Message-ID"] for mail in server.letters] == [f"<{letter.letter_id}@example.org>"]
    assert letter.interrupted


async def test_a_letter_whose_senders_were_killed_twice_is_unknown_and_not_sent_a_third_time(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    killed = "UPDATE letter SET status = 'sending', tries = 2, interrupted = true, due_at = now() WHERE person_id = :id"
    await notifications.do(killed, id=applicant.person_id)
    async with listening(MailServer()) as server, notifications.sending(server):
        assert (await notifications.settled(applicant.person_id, "unknown")).reason == "sender-interrupted"
    assert server.letters == []


async def test_a_letter_claimed_by_a_live_sender_is_not_claimed_by_another(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    server = MailServer()
    server.gate.clear()
    async with (
        listening(server),
        notifications.sending(server, mail_lease=3.0),
        notifications.sending(server, mail_lease=3.0),
    ):
        claimed = (await notifications.settled(applicant.person_id, "sending")).due_at
        assert claimed is not None
        await eventually(lambda: notifications.is_due_after(applicant.person_id, claimed + timedelta(seconds=3)))
        server.gate.set()
        assert (await notifications.settled(applicant.person_id, "sent")).tries == 1
    assert len(server.letters) == 1


async def test_a_letter_noted_after_its_lease_is_not_claimed_again(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    lease = timedelta(seconds=15)
    async with notifications.transaction() as context:
        [letter] = (await claim(context, limit=1, lease=lease)).leaving
    overdue = "UPDATE letter SET due_at = now() - interval '1 minute' WHERE person_id = :id"
    await notifications.do(overdue, id=applicant.person_id)
    async with notifications.transaction() as context:
        returned = Returned(letter.letter_id, letter.tries, DeliveryAttempt(AttemptOutcome.ACCEPTED))
        await note(context, [returned], RetrySchedule(first=lease, most=lease, whole=lease))
        again = await claim(context, limit=1, lease=lease)
    assert (again.leaving, again.are_more_due) == ([], False)
    assert await notifications.letter_is(applicant.person_id, "sent")


async def test_a_late_outcome_of_a_sender_is_ignored(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    server = MailServer(to_data=lambda _: "451 Later")
    server.gate.clear()
    async with listening(server), notifications.sending(server):
        await eventually(lambda: notifications.letter_is(applicant.person_id, "sending"))
        await notifications.do("UPDATE letter SET tries = 2 WHERE person_id = :id", id=applicant.person_id)
        server.gate.set()
        other = await declined(notifications)
        await eventually(lambda: notifications.letter_is(other.person_id, "retrying"))
        assert (await notifications.letter(applicant.person_id)).status == "sending"


async def test_letters_kept_in_hand_after_their_lease_are_not_claimed_again(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    lease = timedelta(seconds=15)
    async with notifications.transaction() as context:
        leaving = (await claim(context, limit=1, lease=lease)).leaving
    overdue = "UPDATE letter SET due_at = now() - interval '1 minute' WHERE person_id = :id"
    await notifications.do(overdue, id=applicant.person_id)
    async with notifications.transaction() as context:
        await renew(context, leaving, lease)
        again = await claim(context, limit=1, lease=lease)
    assert (again.leaving, again.are_more_due) == ([], False)
