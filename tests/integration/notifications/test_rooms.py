"""Rooms and offices: the proposed host, the people in a room at its end, reminders of offers and invitations."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

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
from tests.integration.notifications.room_events import (
    a_person_in_a_room,
    entries_of,
    room_event,
    session_of,
    time_is_up,
)
from tests.support.thorough import mostly_thorough
from tests.unit.notifications.builders import NOW, an_event

from practio_contracts.membership import Ended, InvitationDeclined, Invited, Joined, SeatOffered, Status
from practio_contracts.rooms import (
    HandOverDeclined,
    HandOverProposed,
    HostChanged,
    OfficeChanged,
    RoomCancelled,
    RoomRevised,
    SessionScheduled,
)


async def test_a_person_proposed_as_host_gets_a_letter_while_the_proposal_is_open(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    await notifications.receive(room_event(HandOverProposed, applicant, person_id=applicant.person_id))
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled_all(applicant.person_id, {"hand-over-proposed": "sent"})
    assert server.letters[0]["Subject"] == "Would you host “Intervision for school heads”?"


@pytest.mark.parametrize("order", mostly_thorough(permutations((2, 1, 0)), first=2))
async def test_the_last_proposal_counts_in_any_order_of_arrival(
    notifications: NotificationsService, order: tuple[int, ...]
) -> None:
    applicant = await a_person_in_a_room(notifications)
    events = [
        room_event(HandOverDeclined, applicant, person_id=uuid4()),
        room_event(HandOverProposed, applicant, person_id=applicant.person_id),
        room_event(RoomRevised, applicant, changed_fields=["purpose"]),
    ]
    for place in order:
        await notifications.receive(events[place], events[place])
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled_all(applicant.person_id, {"hand-over-proposed": "sent"})


async def test_a_declined_hand_over_sends_no_letter(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    events = [
        room_event(kind, applicant, person_id=applicant.person_id) for kind in (HandOverProposed, HandOverDeclined)
    ]
    await notifications.receive(*events)
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled_all(applicant.person_id, {"hand-over-proposed": "skipped"})
    assert server.letters == []


async def test_sessions_enter_and_leave_a_calendar_with_an_office(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    session, steward = session_of(applicant), uuid4()
    await notifications.receive(person_registered(steward), room_event(SessionScheduled, applicant, session=session))
    office: dict[str, Any] = {"person_id": steward, "office": "steward"}
    await notifications.receive(
        room_event(OfficeChanged, applicant, room={"steward_ids": [steward]}, appointed=True, **office)
    )
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(steward, {"office-given": "sent"})
        await notifications.receive(room_event(OfficeChanged, applicant, appointed=False, **office))
        await time_is_up(notifications, applicant)
        await notifications.settled_all(steward, {"office-given": "sent", "office-taken": "sent"})
    identity = str(session.session_id)
    assert entries_of(server, steward) == [("REQUEST", identity, 1), ("CANCEL", identity, 2)]


async def test_a_former_host_reads_that_the_hand_over_was_accepted_and_their_calendar_lets_the_sessions_go(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    former, heir, session = applicant.room.host_id, uuid4(), session_of(applicant)
    planned = room_event(SessionScheduled, applicant, by=heir, session=session)
    await notifications.receive(person_registered(former), person_registered(heir), planned)
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(former, {"session-scheduled": "sent"})
        changed = {"person_id": heir, "former_host_id": former}
        await notifications.receive(
            room_event(HostChanged, applicant, by=heir, room={"host_id": heir}, **changed)  # type: ignore[arg-type]
        )
        await time_is_up(notifications, applicant)
        await notifications.settled_all(former, {"session-scheduled": "sent", "handed-over": "sent"})
        await notifications.settled_all(heir, {})
    identity = str(session.session_id)
    assert entries_of(server, former) == [("REQUEST", identity, 1), ("CANCEL", identity, 2)]


async def test_participants_at_the_end_of_a_room_are_known_even_if_joining_arrives_last(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    host = str(applicant.room.host_id)
    await notifications.receive(person_registered(applicant.person_id), room_published(applicant.room))
    await notifications.receive(
        membership_event(an_event(Ended, applicant.membership(Status.ENDED, version=2, by=host)))
    )
    await notifications.receive(
        membership_event(an_event(Joined, applicant.membership(Status.JOINED, version=1, by="system")))
    )
    await notifications.receive(room_event(RoomCancelled, applicant, room={"status": "cancelled"}, reason="Too few"))
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        expected = {"ended": "skipped", "joined": "skipped", "room-cancelled": "sent"}
        await notifications.settled_all(applicant.person_id, expected)


async def test_an_offer_has_a_reminder_at_half_its_time_while_it_is_open(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    other = Applicant(applicant.room, uuid4(), uuid4())
    people = [person_registered(each.person_id) for each in (applicant, other)]
    until = NOW.replace(year=2999)
    offers = [
        an_event(SeatOffered, each.membership(Status.OFFERED, offer_expires_at=until)) for each in (applicant, other)
    ]
    await notifications.receive(*people, room_published(applicant.room), *map(membership_event, offers))
    [reminder] = [
        letter for letter in await notifications.letters(applicant.person_id) if letter.kind == "offer-reminder"
    ]
    half = NOW + (until - NOW) / 2
    assert reminder.due_at is not None
    assert abs(reminder.due_at - half) < timedelta(seconds=1)
    await notifications.receive(membership_event(an_event(Joined, other.membership(Status.JOINED, version=2))))
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(applicant.person_id, {"seat-offered": "sent", "offer-reminder": "sent"})
        expected = {"seat-offered": "skipped", "offer-reminder": "skipped", "joined": "sent"}
        await notifications.settled_all(other.person_id, expected)


async def test_an_invitation_has_a_reminder_at_half_its_time_while_it_is_open(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    other = Applicant(applicant.room, uuid4(), uuid4())
    people = [person_registered(each.person_id) for each in (applicant, other)]
    until = NOW.replace(year=2999)
    invited = [
        an_event(Invited, each.membership(Status.INVITED, by=str(applicant.room.host_id), invitation_expires_at=until))
        for each in (applicant, other)
    ]
    await notifications.receive(*people, room_published(applicant.room), *map(membership_event, invited))
    [reminder] = [
        letter for letter in await notifications.letters(applicant.person_id) if letter.kind == "invitation-reminder"
    ]
    half = NOW + (until - NOW) / 2
    assert reminder.due_at is not None
    assert abs(reminder.due_at - half) < timedelta(seconds=1)
    declined = an_event(InvitationDeclined, other.membership(Status.WITHDRAWN, version=2))
    await notifications.receive(membership_event(declined))
    await notifications.do("DELETE FROM inbox")
    await notifications.receive(*map(membership_event, invited))
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(applicant.person_id, {"invited": "sent", "invitation-reminder": "sent"})
        expected = {"invited": "skipped", "invitation-reminder": "skipped", "invitation-declined": "sent"}
        await notifications.settled_all(other.person_id, expected)


async def test_a_room_event_received_again_sends_no_second_letter(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    event = room_event(RoomCancelled, applicant, room={"status": "cancelled"}, reason="Too few")
    await notifications.receive(event)
    await notifications.do("DELETE FROM inbox")
    await notifications.receive(event)
    assert (await notifications.letter(applicant.person_id)).kind == "room-cancelled"
