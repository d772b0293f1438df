"""Letters on their way: real SMTP that takes them, refuses them, cuts the line, or is not there."""

import asyncio
from collections import Counter
from datetime import timedelta

from tests.integration.notifications.post import Post, Way, a_way, published, registered, told
from tests.integration.notifications.servers import MailServer, listening
from tests.support.eventually import eventually
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Declined, Requested, SeatOffered, Status, Withdrawn


async def declined(post: Post) -> Way:
    """Let one letter be due: a decline to a person of its own."""
    way = a_way()
    event = told(an_event(Declined, way.membership(Status.DECLINED, by=str(way.room.host_id))))
    await post.hear(registered(way.person_id), published(way.room), event)
    return way


async def test_a_letter_that_was_taken_is_sent_once_and_said_to_be(post: Post) -> None:
    way = await declined(post)
    async with listening(MailServer()) as server, post.sending(server):
        letter = await post.settled(way.person_id, "sent")
    [mail] = server.letters
    assert mail["Message-ID"] == f"<{letter.letter_id}@example.org>"
    assert letter.sent_at is not None
    [(routing_key, envelope)] = await post.said(letter.letter_id)
    assert routing_key == "notifications.letter-sent.v1"
    assert (envelope["correlationid"], envelope["causationid"]) == ("the-first-cause", str(letter.event_id))
    assert envelope["data"] == {
        "letter_id": str(letter.letter_id),
        "kind": "declined",
        "person_id": str(way.person_id),
        "about": {"room_id": str(way.room.room_id), "membership_id": str(way.membership_id)},
        "reason": None,
    }


async def test_a_letter_refused_for_now_is_tried_again_and_sent(post: Post) -> None:
    way = await declined(post)
    answers = iter(["451 4.7.1 Try later", "250 OK"])
    async with listening(MailServer(to_rcpt=lambda _: next(answers))) as server, post.sending(server):
        letter = await post.settled(way.person_id, "sent")
    assert (letter.tries, letter.reason, len(server.letters)) == (2, None, 1)


async def test_a_letter_refused_for_good_fails_at_once_with_the_code_and_not_the_words(post: Post) -> None:
    way = await declined(post)
    server = MailServer(to_rcpt=lambda address: f"550 5.1.1 <{address}> is not here")
    async with listening(server), post.sending(server):
        letter = await post.settled(way.person_id, "failed")
    assert (letter.tries, letter.reason) == (1, "smtp-550-5.1.1")
    [(routing_key, envelope)] = await post.said(letter.letter_id)
    assert routing_key == "notifications.letter-failed.v1"
    assert str(way.person_id) + "@" not in str(envelope)


async def test_a_letter_refused_after_data_fails_at_once(post: Post) -> None:
    way = await declined(post)
    server = MailServer(to_data=lambda _: "554 5.7.1 Looks like spam")
    async with listening(server), post.sending(server):
        letter = await post.settled(way.person_id, "failed")
    assert letter.reason == "smtp-554-5.7.1"


async def test_a_letter_refused_for_a_whole_day_fails(post: Post) -> None:
    way = await declined(post)
    server = MailServer(to_rcpt=lambda _: "450 Not now")
    async with listening(server), post.sending(server, mail_retry_whole=1.5):
        letter = await post.settled(way.person_id, "failed")
    assert letter.tries > 1
    assert letter.reason == "smtp-450"


async def test_a_line_cut_after_data_leaves_the_letter_unknown_and_it_is_not_sent_again(post: Post) -> None:
    way = await declined(post)
    server = MailServer(to_data=lambda _: None)
    async with listening(server), post.sending(server):
        letter = await post.settled(way.person_id, "unknown")
        later = await declined(post)
        await post.settled(later.person_id, "unknown")
    assert letter.reason == "connection-lost-after-data"
    assert letter.due_at is None
    assert len(server.letters) == 2


async def test_garbage_after_data_leaves_the_letter_unknown(post: Post) -> None:
    way = await declined(post)
    async with listening(MailServer(to_data=lambda _: "Well, who knows")) as server, post.sending(server):
        assert (await post.settled(way.person_id, "unknown")).reason == "smtp-answer-garbled"


async def test_a_server_that_says_nothing_to_data_leaves_the_letter_unknown(post: Post) -> None:
    way = await declined(post)
    server = MailServer()
    server.gate.clear()
    async with listening(server), post.sending(server, smtp_timeout=0.3):
        assert (await post.settled(way.person_id, "unknown")).reason == "connection-lost-after-data"
        server.gate.set()


async def test_a_line_cut_before_data_is_tried_again(post: Post) -> None:
    way = await declined(post)
    answers = iter([None, "250 OK"])
    async with listening(MailServer(to_rcpt=lambda _: next(answers))) as server, post.sending(server):
        assert (await post.settled(way.person_id, "sent")).tries == 2


async def test_letters_wait_for_a_server_that_is_not_there(post: Post) -> None:
    way = await declined(post)
    server = MailServer()
    async with listening(server):
        pass
    async with post.sending(server):
        waiting = await post.settled(way.person_id, "retrying")
        assert waiting.reason == "smtp-unreachable"
        async with listening(server):
            await post.settled(way.person_id, "sent")
    assert len(server.letters) == 1


async def test_letters_share_a_line_and_a_line_cut_in_between_costs_no_attempt(post: Post) -> None:
    async with listening(MailServer()) as server, post.sending(server, mail_connections=1):
        for _ in range(3):
            await post.settled((await declined(post)).person_id, "sent")
        assert len(server.lines) == 1
        server.hang_up()
        letter = await post.settled((await declined(post)).person_id, "sent")
    assert letter.tries == 1


async def test_one_slow_answer_holds_up_no_other_letter(post: Post) -> None:
    server = MailServer()
    server.gate.clear()
    async with listening(server), post.sending(server, mail_connections=2):
        slow = await declined(post)
        await eventually(lambda: len(server.letters) == 1)
        closed, server.gate = server.gate, asyncio.Event()
        server.gate.set()
        others = [await declined(post) for _ in range(5)]
        for other in others:
            await post.settled(other.person_id, "sent")
        assert (await post.letter(slow.person_id)).status == "sending"
        closed.set()


async def test_two_senders_share_letters_and_send_each_once(post: Post) -> None:
    ways = [await declined(post) for _ in range(40)]
    async with listening(MailServer()) as server, post.sending(server), post.sending(server):
        for way in ways:
            await post.settled(way.person_id, "sent")
    assert set(Counter(mail["Message-ID"] for mail in server.letters).values()) == {1}
    assert len(server.letters) == 40


async def test_a_sender_that_stops_finishes_what_is_in_hand(post: Post) -> None:
    way = await declined(post)
    server = MailServer()
    server.gate.clear()
    async with listening(server), post.sending(server) as sender:
        await eventually(lambda: len(server.letters) == 1)
        sender.cancel()
        await eventually(lambda: sender.cancelling() > 0)
        server.gate.set()
        await asyncio.wait({sender})
        assert (await post.letter(way.person_id)).status == "sent"


async def test_a_letter_whose_sender_was_killed_is_sent_once_more_with_the_same_message_id(post: Post) -> None:
    way = await declined(post)
    killed = "UPDATE letter SET status = 'sending', tries = 1, due_at = now() WHERE person_id = :id"
    await post.do(killed, id=way.person_id)
    async with listening(MailServer()) as server, post.sending(server):
        letter = await post.settled(way.person_id, "sent")
    assert [mail["Message-ID"] for mail in server.letters] == [f"<{letter.letter_id}@example.org>"]
    assert letter.interrupted


async def test_a_letter_whose_senders_were_killed_twice_is_unknown_and_not_sent_a_third_time(post: Post) -> None:
    way = await declined(post)
    killed = "UPDATE letter SET status = 'sending', tries = 2, interrupted = true, due_at = now() WHERE person_id = :id"
    await post.do(killed, id=way.person_id)
    async with listening(MailServer()) as server, post.sending(server):
        assert (await post.settled(way.person_id, "unknown")).reason == "sender-interrupted"
    assert server.letters == []


async def test_a_letter_in_the_hand_of_a_sender_that_lives_is_not_taken_up_by_another(post: Post) -> None:
    way = await declined(post)
    server = MailServer()
    server.gate.clear()
    async with listening(server), post.sending(server, mail_lease=3.0), post.sending(server, mail_lease=3.0):
        claimed = (await post.settled(way.person_id, "sending")).due_at
        assert claimed is not None
        await eventually(lambda: post.is_due_after(way.person_id, claimed + timedelta(seconds=3)))
        server.gate.set()
        assert (await post.settled(way.person_id, "sent")).tries == 1
    assert len(server.letters) == 1


async def test_what_a_sender_notes_too_late_is_not_believed(post: Post) -> None:
    way = await declined(post)
    server = MailServer(to_data=lambda _: "451 Later")
    server.gate.clear()
    async with listening(server), post.sending(server):
        await eventually(lambda: post.letter_is(way.person_id, "sending"))
        await post.do("UPDATE letter SET tries = 2 WHERE person_id = :id", id=way.person_id)
        server.gate.set()
        other = await declined(post)
        await eventually(lambda: post.letter_is(other.person_id, "retrying"))
        assert (await post.letter(way.person_id)).status == "sending"


async def test_a_letter_of_a_request_that_was_withdrawn_in_the_meantime_is_skipped(post: Post) -> None:
    way = a_way()
    request = told(an_event(Requested, way.membership(Status.REQUESTED, version=1)))
    left = told(an_event(Withdrawn, way.membership(Status.WITHDRAWN, version=2), from_status="requested"))
    await post.hear(registered(way.person_id), registered(way.room.host_id), published(way.room), request, left)
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled_all(way.person_id, {"requested": "skipped", "withdrawn": "sent"})
        assert (await post.settled(way.room.host_id, "skipped")).reason == "moved-on"
    assert len(server.letters) == 1


async def test_a_letter_of_an_offer_whose_time_is_over_is_skipped(post: Post) -> None:
    way = a_way()
    offer = an_event(SeatOffered, way.membership(Status.OFFERED, offer_expires_at="2026-03-01T18:00:00Z"))
    await post.hear(registered(way.person_id), published(way.room), told(offer))
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled_all(way.person_id, {"seat-offered": "skipped", "offer-reminder": "skipped"})
    assert {letter.reason for letter in await post.letters(way.person_id)} == {"offer-over"}
    assert server.letters == []


async def test_what_is_no_address_fails_its_letter_and_no_other(post: Post) -> None:
    way, other = a_way(), await declined(post)
    event = told(an_event(Declined, way.membership(Status.DECLINED)))
    await post.hear(registered(way.person_id, email="ada@-"), published(way.room), event)
    async with listening(MailServer()) as server, post.sending(server):
        assert (await post.settled(way.person_id, "failed")).reason == "address-invalid"
        await post.settled(other.person_id, "sent")


async def test_a_letter_whose_event_cannot_be_read_any_more_harms_no_other(post: Post) -> None:
    broken, other = await declined(post), await declined(post)
    await post.do("UPDATE letter SET told = '{}' WHERE person_id = :id", id=broken.person_id)
    async with listening(MailServer()) as server, post.sending(server):
        assert (await post.settled(broken.person_id, "failed")).reason == "fact-unreadable"
        await post.settled(other.person_id, "sent")
