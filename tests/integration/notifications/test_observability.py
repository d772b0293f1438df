"""What operators see of letters: the trace that each continues, and how many there are."""

import json

from prometheus_client import REGISTRY
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    NotificationsService,
    an_applicant,
    membership_event,
    person_registered,
    room_published,
)
from tests.integration.notifications.test_bounces import bounced, lifted, somebody
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Requested, Status
from practio_notifications.gauges import count_once

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def counted(notifications: NotificationsService, name: str, **labels: str) -> float:
    async with notifications._transaction().background() as context:
        await count_once(context)
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_letter_keeps_the_trace_of_its_event_and_publishes_it_once_sent(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    request = membership_event(an_event(Requested, applicant.membership(Status.REQUESTED)), traceparent=TRACE)
    await notifications.receive(person_registered(applicant.person_id), room_published(applicant.room), request)
    letter = await notifications.letter(applicant.person_id)
    assert letter.traceparent == TRACE
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(applicant.person_id, "sent")
    [row] = await notifications.rows(
        "SELECT public FROM outbox WHERE subject = :subject", subject=str(letter.letter_id)
    )
    assert json.loads(row.public)["traceparent"] == TRACE


async def test_pending_letters_are_counted_by_status_and_settled_ones_are_not(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    before = await counted(notifications, "practio_letters_due", status="queued")
    request = membership_event(an_event(Requested, applicant.membership(Status.REQUESTED)))
    await notifications.receive(
        person_registered(applicant.person_id),
        person_registered(applicant.room.host_id),
        room_published(applicant.room),
        request,
    )
    assert await counted(notifications, "practio_letters_due", status="queued") == before + 2
    await notifications.do("UPDATE letter SET due_at = NULL")
    assert await counted(notifications, "practio_letters_due", status="queued") == 0


async def test_suppressed_addresses_are_counted(notifications: NotificationsService) -> None:
    _, email = await somebody(notifications)
    before = await counted(notifications, "practio_suppressed_addresses")
    await bounced(notifications, email)
    assert await counted(notifications, "practio_suppressed_addresses") == before + 1
    await lifted(notifications, email)
    assert await counted(notifications, "practio_suppressed_addresses") == before
