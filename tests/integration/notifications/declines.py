"""One letter that is due, for tests of sending: a decline."""

from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    an_applicant,
    membership_event,
    person_registered,
    room_published,
)
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Declined, Status


async def declined(notifications: NotificationsService) -> Applicant:
    """Let one letter be due: a decline to a person of its own."""
    applicant = an_applicant()
    event = membership_event(an_event(Declined, applicant.membership(Status.DECLINED, by=str(applicant.room.host_id))))
    await notifications.receive(person_registered(applicant.person_id), room_published(applicant.room), event)
    return applicant
