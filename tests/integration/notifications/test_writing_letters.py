"""Letters are written beside the event loop: however long one takes, everything else goes on."""

import asyncio
import threading
from typing import Any

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
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
from practio_notifications.delivery import mail, sender
from practio_notifications.delivery.mail import Mail

A_BLOCKED_LOOP_SECONDS = 10


async def test_a_letter_that_takes_long_to_write_does_not_block_the_event_loop(
    notifications: NotificationsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, threads, went_on = asyncio.get_running_loop(), list[int](), list[bool]()

    def long(*letter: Any) -> Mail:
        """Write a letter once the event loop has done something else meanwhile."""
        moved = threading.Event()
        loop.call_soon_threadsafe(moved.set)
        went_on.append(moved.wait(A_BLOCKED_LOOP_SECONDS))
        threads.append(threading.get_ident())
        return mail.compose_mail(*letter)

    monkeypatch.setattr(sender, "compose_mail", long)
    monkeypatch.setattr(sender, "compose_at_once", lambda *_: None)  # none is a repetition of another
    applicant = await declined(notifications)
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(applicant.person_id, "sent")
    assert went_on == [True]
    assert threading.get_ident() not in threads


async def declined(notifications: NotificationsService) -> Applicant:
    """Let one letter be due: a decline."""
    applicant = an_applicant()
    event = membership_event(an_event(Declined, applicant.membership(Status.DECLINED, by=str(applicant.room.host_id))))
    await notifications.receive(person_registered(applicant.person_id), room_published(applicant.room), event)
    return applicant
