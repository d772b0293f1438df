"""The effects of events: contacts, memberships, letters that wait to be sent."""

from uuid import uuid4

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    NotificationsService,
    an_applicant,
    membership_event,
    person_erased,
    person_registered,
    room_published,
)
from tests.integration.notifications.test_erasing import from_directory
from tests.unit.notifications.builders import an_event, an_occupancy

from practio_chassis.context import NotKnownYetError
from practio_contracts.membership import Declined, MembershipReplayed, Prioritised, Requested, Status, Withdrawn
from practio_contracts.people import PersonRestored


async def test_a_request_queues_a_letter_to_the_person_and_one_to_the_host(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    people = [person_registered(applicant.person_id), person_registered(applicant.room.host_id)]
    await notifications.receive(
        *people,
        room_published(applicant.room),
        membership_event(an_event(Requested, applicant.membership(Status.REQUESTED))),
    )
    to_person, to_host = (
        await notifications.letter(applicant.person_id),
        await notifications.letter(applicant.room.host_id),
    )
    assert (to_person.kind, to_person.status) == ("requested", "queued")
    assert (to_host.kind, to_host.status) == ("request-to-decide", "queued")
    assert to_person.correlation_id == "the-first-cause"


async def test_an_event_received_again_after_its_inbox_row_is_gone_sends_no_second_letter(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    event = membership_event(an_event(Requested, applicant.membership(Status.REQUESTED)))
    await notifications.receive(room_published(applicant.room), event)
    await notifications.do("DELETE FROM inbox")
    await notifications.receive(event)
    assert len(await notifications.letters(applicant.person_id)) == 1


async def test_a_letter_waits_for_an_address_and_leaves_when_it_arrives(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    await notifications.receive(
        room_published(applicant.room), membership_event(an_event(Requested, applicant.membership(Status.REQUESTED)))
    )
    assert (await notifications.letter(applicant.person_id)).status == "held"
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.receive(person_registered(applicant.person_id))
        await notifications.settled(applicant.person_id, "sent")
    assert [str(letter["To"]) for letter in server.letters] == [f"Ada Moretti <{applicant.person_id}@example.org>"]


async def test_an_address_published_later_in_the_same_batch_is_found(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    request = membership_event(an_event(Requested, applicant.membership(Status.REQUESTED)))
    await notifications.receive(room_published(applicant.room), request, person_registered(applicant.person_id))
    assert (await notifications.letter(applicant.person_id)).status == "queued"


async def test_after_a_day_without_an_address_a_letter_is_skipped_and_an_event_published(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    await notifications.receive(
        room_published(applicant.room), membership_event(an_event(Requested, applicant.membership(Status.REQUESTED)))
    )
    waiting = await notifications.letter(applicant.person_id)
    assert waiting.due_at is not None
    assert (waiting.due_at - waiting.created_at).total_seconds() == 24 * 3600
    await notifications.do("UPDATE letter SET due_at = now() WHERE person_id = :id", id=applicant.person_id)
    async with listening(MailServer()) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "skipped")
    [(routing_key, envelope)] = await notifications.published_events(letter.letter_id)
    assert routing_key == "notifications.letter-skipped.v1"
    assert envelope["data"]["reason"] == "no-address"


async def test_no_text_of_an_erased_person_stays_and_they_get_no_letter(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    request = an_event(Requested, applicant.membership(Status.REQUESTED), message="Please", answers={"why": "Since"})
    await notifications.receive(
        person_registered(applicant.person_id),
        person_registered(applicant.room.host_id),
        room_published(applicant.room),
        membership_event(request),
    )
    await notifications.receive(person_erased(applicant.person_id))
    [contact] = await notifications.rows("SELECT * FROM contact WHERE person_id = :id", id=applicant.person_id)
    assert (contact.display_name, contact.email, contact.locale, contact.time_zone) == (None,) * 4
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(applicant.person_id, "skipped")
        to_host = await notifications.settled(applicant.room.host_id, "skipped")
    assert (to_host.cause_data, to_host.reason) == (None, "person-erased")
    assert server.letters == []


async def test_erasure_in_the_batch_of_the_request_deletes_its_text_too(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    request = membership_event(an_event(Requested, applicant.membership(Status.REQUESTED), message="Please"))
    await notifications.receive(
        person_registered(applicant.person_id),
        room_published(applicant.room),
        request,
        person_erased(applicant.person_id),
    )
    assert (await notifications.letter(applicant.person_id)).cause_data is None
    assert (await notifications.letter(applicant.room.host_id)).cause_data is None


async def test_no_letter_is_written_to_or_about_an_erased_person(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    left = membership_event(an_event(Withdrawn, applicant.membership(Status.WITHDRAWN, by="system")))
    await notifications.receive(
        person_registered(applicant.person_id), person_erased(applicant.person_id), room_published(applicant.room)
    )
    await notifications.receive(left)
    assert await notifications.letters(applicant.person_id) == []


async def test_a_letter_to_somebody_restored_waits_until_they_are_registered_again(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    left = membership_event(an_event(Withdrawn, applicant.membership(Status.WITHDRAWN, by="system")))
    await notifications.receive(
        person_registered(applicant.person_id), person_erased(applicant.person_id), room_published(applicant.room)
    )
    restored = from_directory(PersonRestored(person_id=applicant.person_id), applicant.person_id, sequence=3, at=59)
    await notifications.receive(restored, left)
    assert (await notifications.letter(applicant.person_id)).status == "held"
    await notifications.receive(person_registered(applicant.person_id, sequence=4))
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(applicant.person_id, "sent")
    assert len(server.letters) == 1


async def test_an_older_event_of_a_person_changes_nothing(notifications: NotificationsService) -> None:
    person_id = uuid4()
    await notifications.receive(person_registered(person_id, display_name="New", sequence=5))
    await notifications.receive(person_registered(person_id, display_name="Old", sequence=4))
    [contact] = await notifications.rows("SELECT display_name FROM contact WHERE person_id = :id", id=person_id)
    assert contact.display_name == "New"


async def test_an_older_event_of_a_membership_sends_a_letter_only_if_it_is_still_true(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    declined = membership_event(
        an_event(Declined, applicant.membership(Status.DECLINED, version=2, by=str(applicant.room.host_id)))
    )
    request = membership_event(an_event(Requested, applicant.membership(Status.REQUESTED, version=1)))
    await notifications.receive(person_registered(applicant.person_id), room_published(applicant.room), declined)
    await notifications.receive(request)
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled_all(applicant.person_id, {"declined": "sent", "requested": "skipped"})
    assert [letter["Feedback-ID"] for letter in server.letters] == ["declined:transactional:practio"]


async def test_an_event_with_letters_about_an_unknown_room_waits_for_the_room(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    event = membership_event(an_event(Requested, applicant.membership(Status.REQUESTED)))
    with pytest.raises(NotKnownYetError, match=str(applicant.room.room_id)) as waits:
        await notifications.receive(event)
    assert waits.value.reason == "room-unknown"
    await notifications.receive(room_published(applicant.room))
    await notifications.receive(event)
    assert len(await notifications.letters(applicant.person_id)) == 1


@pytest.mark.parametrize(("event", "more"), [(MembershipReplayed, {}), (Prioritised, {"priority": 7})])
async def test_an_event_without_letters_is_kept_before_its_room_is_known(
    notifications: NotificationsService, event: type[MembershipReplayed | Prioritised], more: dict[str, int]
) -> None:
    applicant = an_applicant()
    waits = applicant.membership(Status.WAITLISTED, version=2)
    await notifications.receive(membership_event(an_event(event, waits, **more)))
    requested = membership_event(an_event(Requested, applicant.membership(Status.REQUESTED, version=1)))
    await notifications.receive(room_published(applicant.room), person_registered(applicant.person_id), requested)
    async with listening(MailServer()) as server, notifications.sending(server):
        assert (await notifications.settled(applicant.person_id, "skipped")).kind == "requested"


async def test_the_host_reads_the_newest_occupancy(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    await notifications.receive(
        person_registered(applicant.room.host_id),
        person_registered(applicant.person_id),
        room_published(applicant.room),
    )
    for taken, sequence in ((2, "2"), (1, "1")):
        event = an_occupancy(taken=taken).model_copy(update={"room_id": applicant.room.room_id})
        await notifications.receive_occupancy(event, sequence=sequence)
    await notifications.receive(membership_event(an_event(Requested, applicant.membership(Status.REQUESTED))))
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(applicant.room.host_id, "sent")
    [to_host] = [letter for letter in server.letters if "would like to join" in str(letter["Subject"])]
    body = to_host.get_body(("plain",))
    assert body is not None
    assert "One of 3 seats is free at the moment." in body.get_content()
