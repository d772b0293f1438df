"""Letters about starting a room: to the host of a draft, to the host of a published room."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    an_applicant,
    person_registered,
)
from tests.integration.notifications.room_events import room_event, time_is_up

from practio_contracts.rooms import DraftDiscarded, RoomDrafted, RoomEvent, RoomPublished, RoomRevised
from practio_notifications.letters.kinds import DRAFT_RESTS

DRAFT = {"status": "draft"}
DRAFTED, PUBLISHED = "room-drafted", "room-published"


async def a_draft(notifications: NotificationsService) -> Applicant:
    """Have a host with an address save a new draft."""
    applicant = an_applicant()
    drafted = room_event(RoomDrafted, applicant, room=DRAFT)
    await notifications.receive(person_registered(applicant.room.host_id), drafted)
    return applicant


async def kinds_sent_to(notifications: NotificationsService, server: MailServer, person_id: UUID) -> list[str]:
    """Return the kinds of the letters that reached a person."""
    arrived = {mail["Message-ID"] for mail in server.letters}
    letters = await notifications.letters(person_id)
    return [letter.kind for letter in letters if f"<{letter.letter_id}@example.org>" in arrived]


async def test_a_host_is_written_to_about_a_draft_once_however_often_it_is_saved(
    notifications: NotificationsService,
) -> None:
    applicant = await a_draft(notifications)
    host_id = applicant.room.host_id
    waits = (await notifications.letter(host_id)).due_at
    assert waits is not None
    assert abs(waits - datetime.now(UTC) - DRAFT_RESTS).total_seconds() < 60
    for title in ("Intervision", "Intervision for heads"):
        saved = room_event(RoomRevised, applicant, room=DRAFT | {"title": title}, changed_fields=["title"])
        await notifications.receive(saved)
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled(host_id, "sent")
        [mail] = server.letters
    assert mail["Subject"] == "“Intervision for heads” is saved as a draft"


async def test_a_draft_event_received_again_sends_no_second_letter(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    drafted = room_event(RoomDrafted, applicant, room=DRAFT)
    await notifications.receive(person_registered(applicant.room.host_id), drafted)
    await notifications.do("DELETE FROM inbox")
    await notifications.receive(drafted)
    assert (await notifications.letter(applicant.room.host_id)).kind == DRAFTED


async def test_a_host_who_publishes_the_draft_gets_only_the_letter_about_that_once(
    notifications: NotificationsService,
) -> None:
    applicant = await a_draft(notifications)
    published = room_event(RoomPublished, applicant)
    await notifications.receive(published)
    await notifications.do("DELETE FROM inbox")
    await notifications.receive(published)
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(applicant.room.host_id, {DRAFTED: "skipped", PUBLISHED: "sent"})
        assert await kinds_sent_to(notifications, server, applicant.room.host_id) == [PUBLISHED]


async def test_what_becomes_of_the_letter_about_a_draft_is_published_to_services_alone(
    notifications: NotificationsService,
) -> None:
    written, skipped = await a_draft(notifications), await a_draft(notifications)
    await notifications.receive(room_event(RoomPublished, skipped))
    async with listening(MailServer()) as server, notifications.sending(server):
        for applicant in (written, skipped):
            await time_is_up(notifications, applicant)
        await notifications.settled(written.room.host_id, "sent")
        await notifications.settled_all(skipped.room.host_id, {DRAFTED: "skipped", PUBLISHED: "sent"})
    found = await notifications.rows(
        "SELECT kind, outbox.routing_key, internal, public FROM letter JOIN outbox ON subject = letter_id::text"
        " WHERE person_id = ANY (:hosts) ORDER BY kind, routing_key",
        hosts=[written.room.host_id, skipped.room.host_id],
    )
    assert [(row.kind, row.routing_key, row.internal is None, row.public is None) for row in found] == [
        (DRAFTED, "notifications.letter-sent.v1", False, True),
        (DRAFTED, "notifications.letter-skipped.v1", False, True),
        (PUBLISHED, "notifications.letter-sent.v1", True, False),
    ]


async def test_a_host_who_discards_the_draft_gets_no_letter(notifications: NotificationsService) -> None:
    applicant = await a_draft(notifications)
    await notifications.receive(room_event(DraftDiscarded, applicant, room=DRAFT))
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        letter = await notifications.settled(applicant.room.host_id, "skipped")
    assert letter.reason == "room-unknown"
    assert server.letters == []


@pytest.mark.parametrize("order", [(RoomDrafted, DraftDiscarded), (DraftDiscarded, RoomDrafted)])
async def test_a_draft_discarded_in_the_same_batch_has_no_letter_in_any_order(
    notifications: NotificationsService, order: tuple[type[RoomEvent], ...]
) -> None:
    applicant = an_applicant()
    kinds: tuple[type[RoomEvent], ...] = (RoomDrafted, DraftDiscarded)
    events = {kind: room_event(kind, applicant, room=DRAFT) for kind in kinds}
    await notifications.receive(person_registered(applicant.room.host_id), *(events[kind] for kind in order))
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled(applicant.room.host_id, "skipped")
    assert server.letters == []


async def test_a_published_room_that_is_closed_before_the_letter_leaves_has_none(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    published = room_event(RoomPublished, applicant)
    closed = room_event(RoomRevised, applicant, room={"status": "closed"}, changed_fields=[])
    await notifications.receive(person_registered(applicant.room.host_id), published, closed)
    async with listening(MailServer()) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.room.host_id, "skipped")
    assert letter.reason == "moved-on"
    assert server.letters == []


async def test_the_letter_about_a_published_room_waits_for_the_host_s_address(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    await notifications.receive(room_event(RoomPublished, applicant))
    assert (await notifications.letter(applicant.room.host_id)).status == "held"
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.receive(person_registered(applicant.room.host_id))
        await notifications.settled(applicant.room.host_id, "sent")
    assert len(server.letters) == 1
