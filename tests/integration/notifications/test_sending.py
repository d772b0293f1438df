"""Letters on their way: real SMTP servers that accept them, refuse them, cut the connection, or are unreachable."""

import asyncio
from typing import Any

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
from tests.support.eventually import eventually
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Declined, Requested, SeatOffered, Status, Withdrawn
from practio_notifications.delivery import sender
from practio_notifications.delivery.claims import claim


async def test_an_accepted_letter_is_sent_once_and_published_as_sent(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    async with listening(MailServer()) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "sent")
    [mail] = server.letters
    assert mail["Message-ID"] == f"<{letter.letter_id}@example.org>"
    assert letter.sent_at is not None
    [(routing_key, envelope)] = await notifications.published_events(letter.letter_id)
    assert routing_key == "notifications.letter-sent.v1"
    assert (envelope["correlationid"], envelope["causationid"]) == ("the-first-cause", str(letter.event_id))
    assert envelope["data"] == {
        "letter_id": str(letter.letter_id),
        "kind": "declined",
        "person_id": str(applicant.person_id),
        "about": {"room_id": str(applicant.room.room_id), "membership_id": str(applicant.membership_id)},
        "reason": None,
    }


async def test_a_letter_refused_for_now_is_tried_again_and_sent(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    answers = iter(["451 4.7.1 Try later", "250 OK"])
    async with listening(MailServer(to_rcpt=lambda _: next(answers))) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "sent")
    assert (letter.tries, letter.reason, len(server.letters)) == (2, None, 1)


async def test_a_letter_refused_for_good_fails_at_once_with_the_code_and_not_the_words(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    server = MailServer(to_rcpt=lambda address: f"550 5.1.1 <{address}> is not here")
    async with listening(server), notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "failed")
    assert (letter.tries, letter.reason) == (1, "smtp-550-5.1.1")
    [(routing_key, envelope)] = await notifications.published_events(letter.letter_id)
    assert routing_key == "notifications.letter-failed.v1"
    assert str(applicant.person_id) + "@" not in str(envelope)


async def test_a_letter_refused_after_data_fails_at_once(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    server = MailServer(to_data=lambda _: "554 5.7.1 Looks like spam")
    async with listening(server), notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "failed")
    assert letter.reason == "smtp-554-5.7.1"


async def test_a_letter_refused_for_a_whole_day_fails(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    server = MailServer(to_rcpt=lambda _: "450 Not now")
    async with listening(server), notifications.sending(server, mail_retry_whole=1.5):
        letter = await notifications.settled(applicant.person_id, "failed")
    assert letter.tries > 1
    assert letter.reason == "smtp-450"


async def test_a_connection_cut_after_data_leaves_the_letter_unknown_and_not_resent(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    server = MailServer(to_data=lambda _: None)
    async with listening(server), notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "unknown")
        later = await declined(notifications)
        await notifications.settled(later.person_id, "unknown")
    assert letter.reason == "connection-lost-after-data"
    assert letter.due_at is None
    assert len(server.letters) == 2


async def test_garbage_after_data_leaves_the_letter_unknown(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    async with listening(MailServer(to_data=lambda _: "Well, who knows")) as server, notifications.sending(server):
        assert (await notifications.settled(applicant.person_id, "unknown")).reason == "smtp-answer-garbled"


async def test_a_server_without_an_answer_to_data_leaves_the_letter_unknown(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    server = MailServer()
    server.gate.clear()
    async with listening(server), notifications.sending(server, smtp_timeout=0.3):
        assert (await notifications.settled(applicant.person_id, "unknown")).reason == "connection-lost-after-data"
        server.gate.set()


async def test_a_letter_is_retried_after_a_connection_cut_before_data(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    answers = iter([None, "250 OK"])
    async with listening(MailServer(to_rcpt=lambda _: next(answers))) as server, notifications.sending(server):
        assert (await notifications.settled(applicant.person_id, "sent")).tries == 2


async def test_letters_wait_for_an_unreachable_server(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    server = MailServer()
    async with listening(server):
        pass
    async with notifications.sending(server):
        waiting = await notifications.settled(applicant.person_id, "retrying")
        assert waiting.reason == "smtp-unreachable"
        async with listening(server):
            await notifications.settled(applicant.person_id, "sent")
    assert len(server.letters) == 1


async def test_letters_share_a_connection_and_a_cut_between_two_costs_no_attempt(
    notifications: NotificationsService,
) -> None:
    async with listening(MailServer()) as server, notifications.sending(server, mail_connections=1):
        for _ in range(3):
            await notifications.settled((await declined(notifications)).person_id, "sent")
        assert len(server.connections) == 1
        server.hang_up()
        letter = await notifications.settled((await declined(notifications)).person_id, "sent")
    assert letter.tries == 1


async def test_one_slow_answer_holds_up_no_other_letter(notifications: NotificationsService) -> None:
    server = MailServer()
    server.gate.clear()
    async with listening(server), notifications.sending(server, mail_connections=2):
        slow = await declined(notifications)
        await eventually(lambda: len(server.letters) == 1)
        closed, server.gate = server.gate, asyncio.Event()
        server.gate.set()
        others = [await declined(notifications) for _ in range(5)]
        for other in others:
            await notifications.settled(other.person_id, "sent")
        assert (await notifications.letter(slow.person_id)).status == "sending"
        closed.set()


async def test_a_letter_about_a_request_withdrawn_meanwhile_is_skipped(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    request = membership_event(an_event(Requested, applicant.membership(Status.REQUESTED, version=1)))
    left = membership_event(
        an_event(Withdrawn, applicant.membership(Status.WITHDRAWN, version=2), from_status="requested")
    )
    await notifications.receive(
        person_registered(applicant.person_id),
        person_registered(applicant.room.host_id),
        room_published(applicant.room),
        request,
        left,
    )
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled_all(applicant.person_id, {"requested": "skipped", "withdrawn": "sent"})
        assert (await notifications.settled(applicant.room.host_id, "skipped")).reason == "moved-on"
    assert len(server.letters) == 1


async def test_a_letter_about_an_expired_offer_is_skipped(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    offer = an_event(SeatOffered, applicant.membership(Status.OFFERED, offer_expires_at="2026-03-01T18:00:00Z"))
    await notifications.receive(
        person_registered(applicant.person_id), room_published(applicant.room), membership_event(offer)
    )
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled_all(applicant.person_id, {"seat-offered": "skipped", "offer-reminder": "skipped"})
    assert {letter.reason for letter in await notifications.letters(applicant.person_id)} == {"offer-over"}
    assert server.letters == []


async def test_after_an_unexpected_error_the_next_turn_writes_letters_as_before(
    notifications: NotificationsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def fail_once(*args: Any, **named: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("a fault of ours")
        return await claim(*args, **named)

    monkeypatch.setattr(sender, "claim", fail_once)
    monkeypatch.setattr(sender, "compose_at_once", lambda *_: None)
    applicant = await declined(notifications)
    async with listening(MailServer()) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "sent")
    assert failed.is_set()
    assert (letter.tries, len(server.letters)) == (1, 1)


async def test_an_invalid_address_fails_only_its_own_letter(notifications: NotificationsService) -> None:
    applicant, other = an_applicant(), await declined(notifications)
    event = membership_event(an_event(Declined, applicant.membership(Status.DECLINED)))
    await notifications.receive(
        person_registered(applicant.person_id, email="ada@-"), room_published(applicant.room), event
    )
    async with listening(MailServer()) as server, notifications.sending(server):
        assert (await notifications.settled(applicant.person_id, "failed")).reason == "address-invalid"
        await notifications.settled(other.person_id, "sent")


async def test_a_letter_with_an_unreadable_event_harms_no_other(notifications: NotificationsService) -> None:
    broken, other = await declined(notifications), await declined(notifications)
    await notifications.do("UPDATE letter SET told = '{}' WHERE person_id = :id", id=broken.person_id)
    async with listening(MailServer()) as server, notifications.sending(server):
        assert (await notifications.settled(broken.person_id, "failed")).reason == "fact-unreadable"
        await notifications.settled(other.person_id, "sent")
