"""Letters that a sender reserves: decided with those that leave now, and not yet in its hand."""

from datetime import timedelta

from tests.integration.notifications.declines import declined
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import NotificationsService
from tests.integration.notifications.test_delivery_rules import HOUR_PASSES, a_host, all_are, asks

from practio_notifications.delivery.claims import Claimed, claim, take
from practio_notifications.delivery.reserve import ReservedLetter

LEASE = timedelta(seconds=15)
DAYS_AGO = "UPDATE letter SET due_at = now() - CAST(:days AS int) * interval '1 day' WHERE person_id = :id"


async def reserve_all(notifications: NotificationsService) -> Claimed:
    async with notifications.transaction() as context:
        return await claim(context, limit=0, ahead=10, lease=LEASE)


async def test_a_reserved_letter_leaves_as_if_it_were_claimed_as_it_is_taken(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    claimed = await reserve_all(notifications)
    [reserved] = claimed.reserved
    before = await notifications.letter(applicant.person_id)
    assert (before.status, before.tries, before.first_tried_at, before.due_at) == ("queued", 0, None, claimed.until)
    assert (await reserve_all(notifications)).reserved == []
    async with notifications.transaction() as context:
        taken = await take(context, [ReservedLetter(reserved, claimed.until, decided_at=0.0)], LEASE)
    assert taken == [reserved]
    after = await notifications.letter(applicant.person_id)
    assert (after.status, after.tries, after.interrupted) == ("sending", reserved.tries, False)


async def test_a_digest_is_not_reserved_since_letters_join_it_until_it_leaves(
    notifications: NotificationsService,
) -> None:
    applicant = await a_host(notifications, requests_digest="daily")
    async with listening(MailServer()) as server, notifications.sending(server):
        await asks(notifications, applicant.room, "Ada")
        await all_are(notifications, applicant.room.host_id, "request-to-decide", "held")
    await notifications.do(HOUR_PASSES, kind="requests-digest")
    before, after = await declined(notifications), await declined(notifications)
    await notifications.do(DAYS_AGO, days=3, id=before.person_id)
    claimed = await reserve_all(notifications)
    assert [each.person_id for each in claimed.reserved] == [before.person_id]
    assert claimed.leaving == []
    assert await notifications.letter_is(after.person_id, "queued")


async def test_a_letter_of_a_kind_that_this_release_does_not_know_is_not_reserved_and_others_are(
    notifications: NotificationsService,
) -> None:
    newer, usual = await declined(notifications), await declined(notifications)
    await notifications.do(DAYS_AGO, days=1, id=newer.person_id)
    await notifications.do("UPDATE letter SET kind = 'poem' WHERE person_id = :id", id=newer.person_id)
    claimed = await reserve_all(notifications)
    assert [each.person_id for each in claimed.reserved] == [usual.person_id]
    assert (await notifications.letter(newer.person_id)).reason == "could-not-be-read"
