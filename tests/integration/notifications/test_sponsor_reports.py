"""The letter to a sponsor's delegates: once a month, to those who are delegates when it leaves."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    NotificationsService,
    person_erased,
    person_registered,
)
from tests.support.stack.example_service import received

from practio_chassis.context import NotKnownYetError, ReceivedMessage
from practio_contracts.message import Message
from practio_contracts.notifications import SetPreferences
from practio_contracts.rooms import SponsorRegistered, SponsorReported

NUMBERS = {"rooms": 3, "sessions_held": 5, "people": 14, "attended": 31, "notes": 0, "feedback": {}}


def of_rooms(event: Message, sponsor_id: UUID, **attributes: Any) -> ReceivedMessage[Message]:
    known = {"account": "practio-rooms", "source": "/practio/rooms", "actor": "system"}
    return received(event, subject=str(sponsor_id), **(known | attributes))


def registered(sponsor_id: UUID, *delegates: UUID, sequence: int = 1) -> ReceivedMessage[Message]:
    event = SponsorRegistered(
        sponsor_id=sponsor_id, name="Schools of Lucca", kind="organisation", delegate_ids=list(delegates)
    )
    return of_rooms(event, sponsor_id, sequence=str(sequence))


def reported(sponsor_id: UUID) -> ReceivedMessage[Message]:
    event = SponsorReported.model_validate({"sponsor_id": sponsor_id, "month": "2026-03", "numbers": NUMBERS})
    return of_rooms(event, sponsor_id)


async def a_delegate(notifications: NotificationsService) -> UUID:
    """Return a known person who has no quiet hours."""
    person_id = uuid4()
    await notifications.receive(person_registered(person_id))
    awake = SetPreferences.model_validate({"person_id": person_id, "quiet_hours": None})
    await notifications.send(received(awake, actor=person_id))
    return person_id


async def test_each_delegate_gets_the_numbers_of_a_month_once(notifications: NotificationsService) -> None:
    sponsor_id, one, other = uuid4(), await a_delegate(notifications), await a_delegate(notifications)
    event = reported(sponsor_id)
    await notifications.receive(registered(sponsor_id, one, other))
    await notifications.receive(event)
    await notifications.receive(ReceivedMessage(event.envelope, event.message, event.account))
    async with listening(MailServer()) as server, notifications.sending(server):
        for person_id in (one, other):
            letter = await notifications.settled(person_id, "sent")
            assert (letter.kind, letter.room_id) == ("sponsor-report", None)
    assert [len(await notifications.letters(person_id)) for person_id in (one, other)] == [1, 1]


async def test_who_is_no_delegate_any_more_gets_none(notifications: NotificationsService) -> None:
    sponsor_id, former, erased = uuid4(), await a_delegate(notifications), await a_delegate(notifications)
    await notifications.receive(registered(sponsor_id, former, erased))
    await notifications.receive(reported(sponsor_id))
    await notifications.receive(registered(sponsor_id, sequence=3), registered(sponsor_id, former, sequence=2))
    await notifications.receive(person_erased(erased))
    async with listening(MailServer()) as server, notifications.sending(server):
        assert (await notifications.settled(former, "skipped")).reason == "no-delegate"
        assert (await notifications.settled(erased, "skipped")).reason == "person-erased"


async def test_who_wants_no_reminders_gets_none(notifications: NotificationsService) -> None:
    sponsor_id, person_id = uuid4(), await a_delegate(notifications)
    unwanted = SetPreferences.model_validate({"person_id": person_id, "reminders": False, "quiet_hours": None})
    await notifications.send(received(unwanted, actor=person_id))
    await notifications.receive(registered(sponsor_id, person_id))
    await notifications.receive(reported(sponsor_id))
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(person_id, "skipped")


async def test_a_report_of_a_sponsor_that_is_not_known_waits(notifications: NotificationsService) -> None:
    with pytest.raises(NotKnownYetError):
        await notifications.receive(reported(uuid4()))
