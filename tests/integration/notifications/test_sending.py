"""Letters on their way: real SMTP servers that accept them, refuse them, cut the connection, or are unreachable."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    an_applicant,
    membership_event,
    person_erased,
    person_registered,
    room_published,
)
from tests.support.eventually import eventually
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Declined, Requested, SeatOffered, Status, Withdrawn
from practio_notifications.delivery import sender
from practio_notifications.delivery.claims import claim, renew
from practio_notifications.delivery.outcomes import Returned, note
from practio_notifications.letters.delivery import AttemptOutcome, DeliveryAttempt, RetrySchedule
from practio_notifications.letters.pace import Pace


async def declined(notifications: NotificationsService) -> Applicant:
    """Let one letter be due: a decline to a person of its own."""
    applicant = an_applicant()
    event = membership_event(an_event(Declined, applicant.membership(Status.DECLINED, by=str(applicant.room.host_id))))
    await notifications.receive(person_registered(applicant.person_id), room_published(applicant.room), event)
    return applicant


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


async def test_two_senders_share_letters_and_send_each_once(notifications: NotificationsService) -> None:
    applicants = [await declined(notifications) for _ in range(40)]
    async with listening(MailServer()) as server, notifications.sending(server), notifications.sending(server):
        for applicant in applicants:
            await notifications.settled(applicant.person_id, "sent")
    assert set(Counter(mail["Message-ID"] for mail in server.letters).values()) == {1}
    assert len(server.letters) == 40


async def test_a_stopping_sender_finishes_its_letters(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    server = MailServer()
    server.gate.clear()
    async with listening(server), notifications.sending(server) as sender:
        await eventually(lambda: len(server.letters) == 1)
        sender.cancel()
        await eventually(lambda: sender.cancelling() > 0)
        server.gate.set()
        await asyncio.wait({sender})
        assert (await notifications.letter(applicant.person_id)).status == "sent"


async def test_a_letter_whose_sender_was_killed_is_sent_once_more_with_the_same_message_id(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    killed = "UPDATE letter SET status = 'sending', tries = 1, due_at = now() WHERE person_id = :id"
    await notifications.do(killed, id=applicant.person_id)
    async with listening(MailServer()) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "sent")
    assert [mail["Message-ID"] for mail in server.letters] == [f"<{letter.letter_id}@example.org>"]
    assert letter.interrupted


async def test_a_letter_whose_senders_were_killed_twice_is_unknown_and_not_sent_a_third_time(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    killed = "UPDATE letter SET status = 'sending', tries = 2, interrupted = true, due_at = now() WHERE person_id = :id"
    await notifications.do(killed, id=applicant.person_id)
    async with listening(MailServer()) as server, notifications.sending(server):
        assert (await notifications.settled(applicant.person_id, "unknown")).reason == "sender-interrupted"
    assert server.letters == []


async def test_a_letter_claimed_by_a_live_sender_is_not_claimed_by_another(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    server = MailServer()
    server.gate.clear()
    async with (
        listening(server),
        notifications.sending(server, mail_lease=3.0),
        notifications.sending(server, mail_lease=3.0),
    ):
        claimed = (await notifications.settled(applicant.person_id, "sending")).due_at
        assert claimed is not None
        await eventually(lambda: notifications.is_due_after(applicant.person_id, claimed + timedelta(seconds=3)))
        server.gate.set()
        assert (await notifications.settled(applicant.person_id, "sent")).tries == 1
    assert len(server.letters) == 1


async def test_a_letter_noted_after_its_lease_is_not_claimed_again(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    lease = timedelta(seconds=15)
    async with notifications.transaction() as context:
        [letter], _ = await claim(context, limit=1, lease=lease)
    overdue = "UPDATE letter SET due_at = now() - interval '1 minute' WHERE person_id = :id"
    await notifications.do(overdue, id=applicant.person_id)
    async with notifications.transaction() as context:
        returned = Returned(letter.letter_id, letter.tries, DeliveryAttempt(AttemptOutcome.ACCEPTED))
        await note(context, [returned], RetrySchedule(first=lease, most=lease, whole=lease))
        assert await claim(context, limit=10, lease=lease) == ([], 0)
    assert await notifications.letter_is(applicant.person_id, "sent")


async def test_a_late_outcome_of_a_sender_is_ignored(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    server = MailServer(to_data=lambda _: "451 Later")
    server.gate.clear()
    async with listening(server), notifications.sending(server):
        await eventually(lambda: notifications.letter_is(applicant.person_id, "sending"))
        await notifications.do("UPDATE letter SET tries = 2 WHERE person_id = :id", id=applicant.person_id)
        server.gate.set()
        other = await declined(notifications)
        await eventually(lambda: notifications.letter_is(other.person_id, "retrying"))
        assert (await notifications.letter(applicant.person_id)).status == "sending"


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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The sender's clock, which runs ``ahead`` of the usual one, of a sender that claims four letters a connection."""
    ours = SimpleNamespace(ahead=0.0)
    ours.monotonic = lambda: time.monotonic() + ours.ahead
    monkeypatch.setattr(sender, "time", ours)
    monkeypatch.setattr(sender, "Pace", lambda: Pace(a_second=1_000.0))
    return ours


async def one_leaves_and_three_wait(
    notifications: NotificationsService, server: MailServer, applicants: Sequence[Applicant]
) -> tuple[Applicant, Sequence[Applicant]]:
    """Wait until a server keeps one of four letters waiting for its answer; return it, and the others."""
    await eventually(lambda: server.tries == 1)
    for applicant in applicants:
        await notifications.settled(applicant.person_id, "sending")
    await eventually(lambda: len(server.letters) == 1)
    [leaving] = [each for each in applicants if str(each.person_id) in server.letters[0]["To"]]
    return leaving, [each for each in applicants if each is not leaving]


async def test_letters_that_wait_for_a_connection_are_given_back_by_a_sender_that_stops(
    notifications: NotificationsService, clock: SimpleNamespace
) -> None:
    applicants = [await declined(notifications) for _ in range(4)]
    server = MailServer()
    server.gate.clear()
    async with listening(server), notifications.sending(server, mail_connections=1) as running:
        leaving, waiting = await one_leaves_and_three_wait(notifications, server, applicants)
        running.cancel()
        await eventually(lambda: running.cancelling() > 0)
        server.gate.set()
        await asyncio.wait({running})
    assert (await notifications.letter(leaving.person_id)).status == "sent"
    for applicant in waiting:
        letter = await notifications.letter(applicant.person_id)
        assert (letter.status, letter.tries, letter.interrupted) == ("queued", 0, False)
        assert (letter.first_tried_at, letter.due_at is None) == (None, False)


async def test_a_letter_that_waited_long_for_a_connection_leaves_only_if_it_is_still_to_leave(
    notifications: NotificationsService, clock: SimpleNamespace
) -> None:
    applicants = [await declined(notifications) for _ in range(4)]
    server = MailServer()
    server.gate.clear()
    async with listening(server), notifications.sending(server, mail_connections=1):
        leaving, [erased, *others] = await one_leaves_and_three_wait(notifications, server, applicants)
        await notifications.receive(person_erased(erased.person_id))
        clock.ahead += 10.0
        server.gate.set()
        for applicant in (leaving, *others):
            letter = await notifications.settled(applicant.person_id, "sent")
            assert (letter.tries, letter.interrupted) == (1, False)
    assert not [mail for mail in server.letters if str(erased.person_id) in mail["To"]]
    assert len(server.letters) == 3


async def test_letters_that_wait_for_a_connection_are_given_back_if_the_server_refuses_all(
    notifications: NotificationsService, clock: SimpleNamespace
) -> None:
    applicants = [await declined(notifications) for _ in range(4)]
    server = MailServer(to_data=lambda _: "550 5.7.60 May not send as this sender")
    async with listening(server), notifications.sending(server, mail_connections=1, mail_retry_first=60):
        await eventually(lambda: notifications.faults)

        async def given_back() -> bool:
            found = [await notifications.letter(each.person_id) for each in applicants]
            return Counter((each.status, each.tries) for each in found) == {("queued", 0): 3, ("retrying", 1): 1}

        await eventually(given_back)
    assert server.tries == 1


async def test_letters_kept_in_hand_after_their_lease_are_not_claimed_again(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    lease = timedelta(seconds=15)
    async with notifications.transaction() as context:
        leaving, _ = await claim(context, limit=1, lease=lease)
    overdue = "UPDATE letter SET due_at = now() - interval '1 minute' WHERE person_id = :id"
    await notifications.do(overdue, id=applicant.person_id)
    async with notifications.transaction() as context:
        await renew(context, leaving, lease)
        assert await claim(context, limit=10, lease=lease) == ([], 0)
