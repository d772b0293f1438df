"""What readers wish decides when a letter leaves, and whether: quiet hours, digests, muted rooms, no address."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from tests.integration.notifications.post import Post, Way, a_way, published, registered, told
from tests.integration.notifications.servers import MailServer, listening
from tests.integration.notifications.test_bounces import bounced, lifted, resent
from tests.integration.notifications.test_preferences import send
from tests.support.eventually import eventually
from tests.unit.notifications.builders import NOW, a_membership, an_event

from practio_contracts.membership import Declined, Joined, Requested, SeatOffered, Status, Withdrawn
from practio_contracts.rooms import Room

HOUR_PASSES = "UPDATE letter SET due_at = now(), told = jsonb_set(told, '{at}', to_jsonb(now())) WHERE kind = :kind"


async def a_host(post: Post, **wished: object) -> Way:
    """Give a room whose host can be reached and commands for this."""
    way = a_way()
    await post.hear(registered(way.room.host_id), published(way.room))
    if wished:
        await send(post, way.room.host_id, **wished)
    return way


async def asks(post: Post, room: Room, name: str = "Bruno Riva") -> Way:
    """Let somebody new ask to join."""
    way = Way(room, uuid4(), uuid4())
    request = an_event(Requested, way.membership(Status.REQUESTED, version=1))
    await post.hear(registered(way.person_id, display_name=name), told(request))
    return way


async def joins(post: Post, room: Room, name: str) -> Way:
    """Let somebody new take a seat in an open room."""
    way = Way(room, uuid4(), uuid4())
    event = an_event(Joined, way.membership(Status.JOINED, version=1), how="open")
    await post.hear(registered(way.person_id, display_name=name), told(event))
    return way


async def of_kind(post: Post, person_id: UUID, kind: str) -> list[tuple[str, str | None]]:
    """Give state and reason of the letters of this kind to a person."""
    return [(letter.status, letter.reason) for letter in await post.letters(person_id) if letter.kind == kind]


async def all_are(post: Post, person_id: UUID, kind: str, status: str, reason: str | None = None) -> None:
    """Wait until all letters of this kind to a person are so, and there is one."""

    async def so() -> bool:
        return set(await of_kind(post, person_id, kind)) == {(status, reason)}

    await eventually(so, saying=f"letters {kind} that are {status}")


def mail_to(server: MailServer, person_id: UUID) -> list[str]:
    """Give the texts of the letters that came to a person."""
    texts = []
    for letter in server.letters:
        body = letter.get_body(("plain",))
        if str(person_id) in str(letter["To"]) and body is not None:
            texts.append(body.get_content())
    return texts


def quiet_now() -> dict[str, str]:
    """Give quiet hours around this hour, in a zone that is UTC."""
    now = datetime.now(UTC)
    return {"from": f"{now - timedelta(hours=1):%H:%M}", "to": f"{now + timedelta(hours=2):%H:%M}"}


async def test_five_joins_come_in_one_letter_when_its_hour_comes(post: Post) -> None:
    way = await a_host(post)
    host = way.room.host_id
    async with listening(MailServer()) as server, post.sending(server):
        for number in range(5):
            await joins(post, way.room, f"Guest {number}")
        await all_are(post, host, "member-joined", "held")
        assert await of_kind(post, host, "activity-digest") == [("held", None)]
        assert mail_to(server, host) == []
        await post.do(HOUR_PASSES, kind="activity-digest")
        await all_are(post, host, "activity-digest", "sent")
        await all_are(post, host, "member-joined", "sent")
    [text] = mail_to(server, host)
    assert [f"Guest {number} now has a seat" in text for number in range(5)] == [True] * 5


async def test_a_digest_tells_what_is_still_true_at_its_hour(post: Post) -> None:
    way = await a_host(post, requests_digest="daily")
    host = way.room.host_id
    async with listening(MailServer()) as server, post.sending(server):
        stays, goes = await asks(post, way.room, "Stays"), await asks(post, way.room, "Goes")
        await all_are(post, host, "request-to-decide", "held")
        await post.hear(
            told(an_event(Withdrawn, goes.membership(Status.WITHDRAWN, version=2), from_status="requested"))
        )
        await post.do(HOUR_PASSES, kind="requests-digest")
        await all_are(post, host, "requests-digest", "sent")
        assert sorted(await of_kind(post, host, "request-to-decide")) == [("sent", None), ("skipped", "moved-on")]
    [text] = mail_to(server, host)
    assert "Stays" in text
    assert "Goes" not in text
    assert stays.room == goes.room


async def test_a_digest_with_nothing_left_to_tell_is_skipped(post: Post) -> None:
    way = await a_host(post, requests_digest="weekly")
    async with listening(MailServer()) as server, post.sending(server):
        asked = await asks(post, way.room)
        await all_are(post, way.room.host_id, "request-to-decide", "held")
        await post.hear(
            told(an_event(Withdrawn, asked.membership(Status.WITHDRAWN, version=2), from_status="requested"))
        )
        await post.do(HOUR_PASSES, kind="requests-digest")
        await all_are(post, way.room.host_id, "requests-digest", "skipped", "nothing-left")
    assert mail_to(server, way.room.host_id) == []


async def test_a_digest_that_is_refused_for_now_tells_the_same_later_and_one_that_fails_takes_its_letters_along(
    post: Post,
) -> None:
    way = await a_host(post, requests_digest="hourly")
    host = way.room.host_id
    answers = iter(["451 Later", "550 5.1.1 Nobody"])
    server = MailServer(to_rcpt=lambda to: next(answers) if str(host) in to else "250 OK")
    async with listening(server), post.sending(server):
        await asks(post, way.room)
        await all_are(post, host, "request-to-decide", "held")
        await post.do(HOUR_PASSES, kind="requests-digest")
        await all_are(post, host, "requests-digest", "failed", "smtp-550-5.1.1")
        await all_are(post, host, "request-to-decide", "failed", "smtp-550-5.1.1")
        [digest] = [letter for letter in await post.letters(host) if letter.kind == "requests-digest"]
        assert digest.tries == 2
        server.to_rcpt = lambda _: "250 OK"
        await resent(post, digest.letter_id)
        await all_are(post, host, "requests-digest", "sent")
        await all_are(post, host, "request-to-decide", "sent")


async def test_a_digest_whose_sender_was_killed_is_sent_once_more_with_the_same_message_id(post: Post) -> None:
    way = await a_host(post, requests_digest="daily")
    host = way.room.host_id
    async with listening(MailServer()) as server, post.sending(server):
        await asks(post, way.room)
        await all_are(post, host, "request-to-decide", "held")
    killed = "UPDATE letter SET status = 'sending' WHERE person_id = :id AND kind = 'request-to-decide'"
    await post.do(killed, id=host)
    await post.do(
        "UPDATE letter SET status = 'sending', tries = 1, due_at = now() WHERE person_id = :id AND kind = :kind",
        id=host,
        kind="requests-digest",
    )
    async with listening(MailServer()) as server, post.sending(server):
        await all_are(post, host, "requests-digest", "sent")
        await all_are(post, host, "request-to-decide", "sent")
    [digest] = [letter for letter in await post.letters(host) if letter.kind == "requests-digest"]
    assert digest.interrupted
    assert [mail["Message-ID"] for mail in server.letters] == [f"<{digest.letter_id}@example.org>"]


async def test_a_new_attempt_waits_for_the_end_of_quiet_hours_too(post: Post) -> None:
    way = a_way()
    host = way.room.host_id
    await post.hear(registered(host, time_zone="UTC"), published(way.room))
    await send(post, host, quiet_hours=None)
    server = MailServer(to_rcpt=lambda to: "451 Later" if str(host) in to else "250 OK")
    async with listening(server), post.sending(server, mail_retry_first=1.0, mail_retry_most=1.0):
        await asks(post, way.room)
        await all_are(post, host, "request-to-decide", "retrying", "smtp-451")
        await send(post, host, quiet_hours=quiet_now())
        await all_are(post, host, "request-to-decide", "held")
    assert mail_to(server, host) == []


async def test_wishing_otherwise_lets_go_what_was_held(post: Post) -> None:
    way = await a_host(post, requests_digest="weekly")
    async with listening(MailServer()) as server, post.sending(server):
        await asks(post, way.room)
        await all_are(post, way.room.host_id, "request-to-decide", "held")
        await send(post, way.room.host_id, requests_digest="at-once", quiet_hours=None)
        await all_are(post, way.room.host_id, "request-to-decide", "sent")
    assert len(mail_to(server, way.room.host_id)) == 1


async def test_what_is_off_or_of_a_muted_room_is_skipped(post: Post) -> None:
    way = await a_host(post)
    host = way.room.host_id
    await send(post, host, activity="off", muted_room_ids=[way.room.room_id])
    other = await a_host(post, activity="off")
    async with listening(MailServer()) as server, post.sending(server):
        await asks(post, way.room)
        await joins(post, other.room, "Bruno Riva")
        await all_are(post, host, "request-to-decide", "skipped", "room-muted")
        await all_are(post, other.room.host_id, "member-joined", "skipped", "not-wanted")
        assert await post.rows("SELECT 1 FROM letter WHERE person_id = :id AND kind = 'activity-digest'", id=host) == []
    assert mail_to(server, host) == []


async def test_quiet_hours_hold_what_can_wait_and_nothing_else(post: Post) -> None:
    way = a_way()
    host = way.room.host_id
    await post.hear(registered(host, time_zone="UTC"), published(way.room))
    await send(post, host, quiet_hours=quiet_now())
    async with listening(MailServer()) as server, post.sending(server):
        asked = await asks(post, way.room)
        await all_are(post, host, "request-to-decide", "held")
        await send(post, asked.person_id, quiet_hours=quiet_now())
        await all_are(post, asked.person_id, "requested", "sent")
        [held] = [letter for letter in await post.letters(host) if letter.kind == "request-to-decide"]
        assert held.due_at is not None
        assert held.due_at > datetime.now(UTC)
        await send(post, host, quiet_hours=None)
        await all_are(post, host, "request-to-decide", "sent")


async def test_an_address_that_bounced_is_not_written_to_until_that_is_lifted(post: Post) -> None:
    way = a_way()
    email = f"{way.person_id}@example.org"
    await post.hear(registered(way.person_id), published(way.room))
    await bounced(post, email)
    await post.hear(told(an_event(Declined, way.membership(Status.DECLINED))))
    async with listening(MailServer()) as server, post.sending(server):
        letter = await post.settled(way.person_id, "suppressed")
        assert letter.reason == "address-suppressed"
        assert server.letters == []
        await lifted(post, email)
        await resent(post, letter.letter_id)
        await post.settled(way.person_id, "sent")


async def an_offer(post: Post) -> Way:
    """Offer a seat to somebody, in a room whose host can be reached."""
    way = a_way()
    offered = a_membership(
        Status.OFFERED,
        membership_id=way.membership_id,
        room_id=way.room.room_id,
        person_id=way.person_id,
        offer_expires_at=datetime.now(UTC) + timedelta(days=1),
        by="system",
        since=NOW,
    )
    people = [registered(way.person_id), registered(way.room.host_id)]
    await post.hear(*people, published(way.room), told(an_event(SeatOffered, offered)))
    return way


async def test_the_host_reads_of_an_offer_whose_letter_is_refused(post: Post) -> None:
    way = await an_offer(post)
    server = MailServer(to_rcpt=lambda to: "550 5.1.1 Nobody" if str(way.person_id) in to else "250 OK")
    async with listening(server), post.sending(server):
        await all_are(post, way.person_id, "seat-offered", "failed", "smtp-550-5.1.1")
        await all_are(post, way.room.host_id, "offer-undelivered", "sent")
    [text] = mail_to(server, way.room.host_id)
    assert "could not be delivered" in " ".join(text.split())


async def test_the_host_reads_of_an_offer_whose_letter_comes_back(post: Post) -> None:
    way = await an_offer(post)
    async with listening(MailServer()) as server, post.sending(server):
        await all_are(post, way.person_id, "seat-offered", "sent")
        [offer] = [letter for letter in await post.letters(way.person_id) if letter.kind == "seat-offered"]
        await bounced(post, f"{way.person_id}@example.org", letter_id=offer.letter_id)
        await all_are(post, way.person_id, "seat-offered", "failed", "bounced-hard")
        await all_are(post, way.room.host_id, "offer-undelivered", "sent")


async def test_a_bounce_from_another_address_changes_no_letter(post: Post) -> None:
    way = await an_offer(post)
    async with listening(MailServer()) as server, post.sending(server):
        await all_are(post, way.person_id, "seat-offered", "sent")
        [offer] = [letter for letter in await post.letters(way.person_id) if letter.kind == "seat-offered"]
        await bounced(post, f"{uuid4()}@example.org", letter_id=offer.letter_id)
        assert await of_kind(post, way.person_id, "seat-offered") == [("sent", None)]
