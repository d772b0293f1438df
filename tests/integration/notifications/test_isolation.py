"""One letter never takes others with it: neither one that is too big nor one that this release cannot read."""

from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.declines import declined
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    NotificationsService,
    an_applicant,
    membership_event,
    person_registered,
    room_published,
)
from tests.integration.notifications.room_events import (
    a_person_in_a_room,
    announce,
    remind,
    room_event,
    session_of,
    time_is_up,
)
from tests.integration.notifications.test_care import care, quiet, rooms_of
from tests.integration.notifications.test_delivery_rules import (
    HOUR_PASSES,
    a_host,
    all_are,
    asks,
    mail_to,
    of_kind,
)
from tests.integration.notifications.test_session_participation import a_session_tomorrow, answered, news, sent, text_to
from tests.support.eventually import eventually
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Requested, Status
from practio_contracts.rooms import Room, SessionPlanned, SessionScheduled, Sign
from practio_notifications.tables import CAUSE_DATA

NEWER = 'UPDATE room SET snapshot = snapshot || \'{"mode": "by-telepathy"}\' WHERE room_id = :room_id'


async def requests(notifications: NotificationsService, count: int, text: str) -> tuple[UUID, Room]:
    """Let so many people with much to say ask the same host; return host and room."""
    applicant = await a_host(notifications, requests_digest="hourly")
    people = [uuid4() for _ in range(count)]
    await notifications.receive(*(person_registered(each, display_name="Bruno Riva") for each in people))
    for each in people:
        membership = an_applicant().membership(
            Status.REQUESTED, room_id=applicant.room.room_id, person_id=each, version=1
        )
        await notifications.receive(membership_event(an_event(Requested, membership, message=text)))
    return applicant.room.host_id, applicant.room


async def test_a_digest_that_a_server_finds_too_big_leaves_in_a_shorter_form(
    notifications: NotificationsService,
) -> None:
    host, _ = await requests(notifications, 12, "Gladly. " * 100)
    refused: list[int] = []

    def at_most_20_kb(size: int) -> str:
        if size <= 20_000:
            return "250 Kept"
        refused.append(size)
        return "552 5.3.4 Message too big"

    server = MailServer(to_size=at_most_20_kb)
    async with listening(server), notifications.sending(server):
        await all_are(notifications, host, "request-to-decide", "held")
        await notifications.do(HOUR_PASSES, kind="requests-digest")
        await all_are(notifications, host, "requests-digest", "sent")
        await all_are(notifications, host, "request-to-decide", "sent")
    assert len(refused) == 2
    assert refused == sorted(refused, reverse=True)
    [text] = mail_to(server, host)
    assert "12 more requests are waiting." in text


async def test_a_digest_above_the_size_in_the_settings_is_not_even_tried_whole(
    notifications: NotificationsService,
) -> None:
    host, _ = await requests(notifications, 40, "Gladly. " * 240)
    async with listening(MailServer()) as server, notifications.sending(server, mail_most_bytes=100_000):
        await all_are(notifications, host, "request-to-decide", "held")
        await notifications.do(HOUR_PASSES, kind="requests-digest")
        await all_are(notifications, host, "requests-digest", "sent")
    [text] = mail_to(server, host)
    assert "30 more requests are waiting." in text


async def test_a_letter_of_a_kind_that_this_release_does_not_know_waits_and_others_leave(
    notifications: NotificationsService,
) -> None:
    newer, usual = await declined(notifications), await declined(notifications)
    await notifications.do(
        "UPDATE letter SET kind = 'poem', due_at = now() - interval '1 day' WHERE person_id = :id", id=newer.person_id
    )
    async with listening(MailServer()) as server, notifications.sending(server) as sender:
        await notifications.settled(usual.person_id, "sent")
        waiting = await notifications.letter(newer.person_id)
        assert (waiting.status, waiting.reason) == ("queued", "could-not-be-read")
        await notifications.do(
            "UPDATE letter SET kind = 'declined', due_at = now() WHERE person_id = :id", id=newer.person_id
        )
        notifications.wake.set()
        await notifications.settled(newer.person_id, "sent")
        assert not sender.done()


async def test_letters_about_a_room_that_this_release_cannot_read_wait_and_others_leave(
    notifications: NotificationsService,
) -> None:
    unread, usual = await declined(notifications), await declined(notifications)
    await notifications.do(NEWER, room_id=unread.room.room_id)
    await notifications.do(
        "UPDATE letter SET due_at = now() - interval '1 day' WHERE person_id = :id", id=unread.person_id
    )
    async with listening(MailServer()) as server, notifications.sending(server) as sender:
        await notifications.settled(usual.person_id, "sent")
        assert (await notifications.letter(unread.person_id)).reason == "could-not-be-read"
        assert not sender.done()


async def test_a_digest_leaves_without_the_letter_that_this_release_cannot_read(
    notifications: NotificationsService,
) -> None:
    first = await a_host(notifications, requests_digest="hourly")
    host = first.room.host_id
    second = an_applicant(host_id=host)
    await notifications.receive(room_published(second.room))
    async with listening(MailServer()) as server, notifications.sending(server):
        await asks(notifications, first.room, "Not Read")
        await asks(notifications, second.room, "Well Read")
        await all_are(notifications, host, "request-to-decide", "held")
        await notifications.do(NEWER, room_id=first.room.room_id)
        await notifications.do(HOUR_PASSES, kind="requests-digest")
        await all_are(notifications, host, "requests-digest", "sent")
        found = sorted(await of_kind(notifications, host, "request-to-decide"))
    assert found == [("held", "could-not-be-read"), ("sent", None)]
    [text] = mail_to(server, host)
    assert "Well Read" in text
    assert "Not Read" not in text


async def test_a_letter_that_cannot_be_written_fails_no_other_of_its_turn(notifications: NotificationsService) -> None:
    broken, usual = await declined(notifications), await declined(notifications)
    await notifications.do("UPDATE contact SET time_zone = 'Mars/Olympus' WHERE person_id = :id", id=broken.person_id)
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(usual.person_id, "sent")
        waiting = await notifications.letter(broken.person_id)
    assert waiting.reason == "could-not-be-read"


@pytest.mark.parametrize(
    "unknown",
    [
        "UPDATE session_answer SET coming = 'in-a-dream' WHERE person_id = :id",
        f"UPDATE letter SET {CAUSE_DATA} = {CAUSE_DATA} || '{{\"session\": 7}}' WHERE person_id = :id",
    ],
    ids=["answer", "session"],
)
async def test_a_reminder_that_this_release_cannot_read_waits_and_others_leave(
    notifications: NotificationsService, unknown: str
) -> None:
    unread, session = await a_session_tomorrow(notifications)
    usual, _ = await a_session_tomorrow(notifications)
    await notifications.receive(answered(unread, session, "yes"))
    await remind(notifications)
    await notifications.do(unknown, id=unread.person_id)
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, unread)
        await time_is_up(notifications, usual)
        await notifications.settled(usual.person_id, "sent")
        waiting = await notifications.letter(unread.person_id)
    assert (waiting.status, waiting.reason) == ("queued", "could-not-be-read")
    assert waiting.due_at is not None


async def test_an_answer_of_somebody_else_that_this_release_cannot_read_keeps_no_reminder_back(
    notifications: NotificationsService,
) -> None:
    applicant, session = await a_session_tomorrow(notifications)
    host = applicant.room.host_id
    plan = {"session_id": session.session_id, "case_by": [host], "roles": [], "guests": []}
    await notifications.receive(news(SessionPlanned, applicant, **plan))
    await notifications.receive(answered(applicant, session, "yes", person_id=host))
    await notifications.do("UPDATE session_answer SET coming = 'in-a-dream' WHERE person_id = :id", id=host)
    await remind(notifications)
    server = await sent(notifications, applicant, {"session-reminder": "sent"})
    assert "Case: " in text_to(applicant.person_id, server)


async def test_a_letter_about_signs_that_this_release_does_not_know_waits_and_others_leave(
    notifications: NotificationsService,
) -> None:
    unread, usual = await rooms_of(notifications, uuid4(), 2)
    for room in (unread, usual):
        await notifications.receive(quiet(room, Sign.NO_COMING_SESSION, Sign.NONE_HELD))
        await notifications.do("DELETE FROM letter WHERE room_id = :id AND kind <> 'room-quiet'", id=room.room_id)
    await notifications.do(
        "UPDATE room_care SET signs = '{overgrown}', next_at = NULL WHERE room_id = :id", id=unread.room_id
    )
    await notifications.do("UPDATE letter SET due_at = now() WHERE status IN ('queued', 'held')")
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(usual.host_id, "sent")
        assert (await notifications.letter(unread.host_id)).reason == "could-not-be-read"


async def test_an_unreadable_room_keeps_no_other_from_its_reminders(notifications: NotificationsService) -> None:
    unread, usual = await a_person_in_a_room(notifications), await a_person_in_a_room(notifications)
    for applicant in (unread, usual):
        await notifications.receive(room_event(SessionScheduled, applicant, session=session_of(applicant, days=3)))
        it_is_time = "UPDATE session SET remind_at = now() WHERE room_id = :room_id"
        await notifications.do(it_is_time, room_id=applicant.room.room_id)
    await notifications.do(NEWER, room_id=unread.room.room_id)

    async def reminded() -> bool:
        await remind(notifications)
        return "session-reminder" in [letter.kind for letter in await notifications.letters(usual.person_id)]

    await eventually(reminded, message="a reminder to the person in the other room")


LATER = "> now() + interval '9 minutes'"


async def test_an_unreadable_session_keeps_no_other_from_its_reminder_or_announcement(
    notifications: NotificationsService,
) -> None:
    unread, usual = await a_person_in_a_room(notifications), await a_person_in_a_room(notifications)
    for applicant in (unread, usual):
        await notifications.receive(room_event(SessionScheduled, applicant, session=session_of(applicant, days=3)))
        await notifications.do("DELETE FROM letter WHERE room_id = :id", id=applicant.room.room_id)
        it_is_time = "UPDATE session SET remind_at = now(), announce_at = now(), was_added = true WHERE room_id = :id"
        await notifications.do(it_is_time, id=applicant.room.room_id)
    unknown = 'UPDATE session SET snapshot = snapshot || \'{"status": "dreamt"}\' WHERE room_id = :id'
    await notifications.do(unknown, id=unread.room.room_id)

    async def written() -> bool:
        await remind(notifications)
        await announce(notifications)
        kinds = {letter.kind for letter in await notifications.letters(usual.person_id)}
        return kinds == {"session-reminder", "session-scheduled"}

    await eventually(written, message="a reminder and an announcement to the person in the other room")
    waits = f"SELECT session_id FROM session WHERE room_id = :id AND remind_at {LATER} AND announce_at {LATER}"
    assert len(await notifications.rows(waits, id=unread.room.room_id)) == 1
    assert await notifications.letters(unread.person_id) == []


async def test_a_room_with_unknown_signs_keeps_no_other_from_its_stewards(notifications: NotificationsService) -> None:
    steward = uuid4()
    unread, usual = await rooms_of(notifications, steward, 2)
    await notifications.receive(quiet(unread, Sign.NONE_HELD, days=20), quiet(usual, Sign.NONE_HELD, days=20))
    await notifications.do("UPDATE room_care SET signs = '{overgrown}' WHERE room_id = :id", id=unread.room_id)
    await care(notifications)
    about = {letter.room_id for letter in await notifications.letters(steward) if letter.kind == "room-long-quiet"}
    assert about == {usual.room_id}
    waits = f"SELECT room_id FROM room_care WHERE room_id = :id AND next_at {LATER}"
    assert len(await notifications.rows(waits, id=unread.room_id)) == 1
