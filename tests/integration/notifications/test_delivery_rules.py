"""Preferences decide when and whether a letter leaves: quiet hours, digests, muted rooms, no address."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    an_applicant,
    membership_event,
    person_registered,
    room_published,
)
from tests.integration.notifications.test_bounces import bounced, lifted, resent
from tests.integration.notifications.test_preferences import send
from tests.support.eventually import eventually
from tests.unit.notifications.builders import NOW, a_membership, an_event

from practio_contracts.membership import Declined, Joined, Requested, SeatOffered, Status, Withdrawn
from practio_contracts.rooms import Room

HOUR_PASSES = "UPDATE letter SET due_at = now(), told = jsonb_set(told, '{at}', to_jsonb(now())) WHERE kind = :kind"


async def a_host(notifications: NotificationsService, **wanted: Any) -> Applicant:
    """Return a room whose host has an address and these preferences."""
    applicant = an_applicant()
    await notifications.receive(person_registered(applicant.room.host_id), room_published(applicant.room))
    if wanted:
        await send(notifications, applicant.room.host_id, **wanted)
    return applicant


async def asks(notifications: NotificationsService, room: Room, name: str = "Bruno Riva") -> Applicant:
    """Let somebody new ask to join."""
    applicant = Applicant(room, uuid4(), uuid4())
    request = an_event(Requested, applicant.membership(Status.REQUESTED, version=1))
    await notifications.receive(person_registered(applicant.person_id, display_name=name), membership_event(request))
    return applicant


async def joins(notifications: NotificationsService, room: Room, name: str) -> Applicant:
    """Let a new person take a seat in an open room."""
    applicant = Applicant(room, uuid4(), uuid4())
    event = an_event(Joined, applicant.membership(Status.JOINED, version=1), how="open")
    await notifications.receive(person_registered(applicant.person_id, display_name=name), membership_event(event))
    return applicant


async def of_kind(notifications: NotificationsService, person_id: UUID, kind: str) -> list[tuple[str, str | None]]:
    """Return state and reason of the letters of this kind to a person."""
    return [(letter.status, letter.reason) for letter in await notifications.letters(person_id) if letter.kind == kind]


async def all_are(
    notifications: NotificationsService, person_id: UUID, kind: str, status: str, reason: str | None = None
) -> None:
    """Wait until all letters of this kind to a person are so, and there is one."""

    async def so() -> bool:
        return set(await of_kind(notifications, person_id, kind)) == {(status, reason)}

    await eventually(so, message=f"letters {kind} that are {status}")


def mail_to(server: MailServer, person_id: UUID) -> list[str]:
    """Return the texts of the letters that came to a person."""
    texts = []
    for letter in server.letters:
        body = letter.get_body(("plain",))
        if str(person_id) in str(letter["To"]) and body is not None:
            texts.append(body.get_content())
    return texts


def quiet_now() -> dict[str, str]:
    """Return quiet hours around this hour, in a zone that is UTC."""
    now = datetime.now(UTC)
    return {"from": f"{now - timedelta(hours=1):%H:%M}", "to": f"{now + timedelta(hours=2):%H:%M}"}


async def test_five_joins_are_one_digest_at_its_hour(notifications: NotificationsService) -> None:
    applicant = await a_host(notifications)
    host = applicant.room.host_id
    async with listening(MailServer()) as server, notifications.sending(server):
        for number in range(5):
            await joins(notifications, applicant.room, f"Guest {number}")
        await all_are(notifications, host, "member-joined", "held")
        assert await of_kind(notifications, host, "activity-digest") == [("held", None)]
        assert mail_to(server, host) == []
        await notifications.do(HOUR_PASSES, kind="activity-digest")
        await all_are(notifications, host, "activity-digest", "sent")
        await all_are(notifications, host, "member-joined", "sent")
    [text] = mail_to(server, host)
    assert [f"Guest {number} now has a seat" in text for number in range(5)] == [True] * 5


async def test_a_digest_contains_only_what_is_still_true_at_its_hour(notifications: NotificationsService) -> None:
    applicant = await a_host(notifications, requests_digest="daily")
    host = applicant.room.host_id
    async with listening(MailServer()) as server, notifications.sending(server):
        stays, goes = (
            await asks(notifications, applicant.room, "Stays"),
            await asks(notifications, applicant.room, "Goes"),
        )
        await all_are(notifications, host, "request-to-decide", "held")
        await notifications.receive(
            membership_event(an_event(Withdrawn, goes.membership(Status.WITHDRAWN, version=2), from_status="requested"))
        )
        await notifications.do(HOUR_PASSES, kind="requests-digest")
        await all_are(notifications, host, "requests-digest", "sent")
        assert sorted(await of_kind(notifications, host, "request-to-decide")) == [
            ("sent", None),
            ("skipped", "moved-on"),
        ]
    [text] = mail_to(server, host)
    assert "Stays" in text
    assert "Goes" not in text
    assert stays.room == goes.room


async def test_an_empty_digest_is_skipped(notifications: NotificationsService) -> None:
    applicant = await a_host(notifications, requests_digest="weekly")
    async with listening(MailServer()) as server, notifications.sending(server):
        asked = await asks(notifications, applicant.room)
        await all_are(notifications, applicant.room.host_id, "request-to-decide", "held")
        await notifications.receive(
            membership_event(
                an_event(Withdrawn, asked.membership(Status.WITHDRAWN, version=2), from_status="requested")
            )
        )
        await notifications.do(HOUR_PASSES, kind="requests-digest")
        await all_are(notifications, applicant.room.host_id, "requests-digest", "skipped", "nothing-left")
    assert mail_to(server, applicant.room.host_id) == []


async def test_a_digest_refused_for_now_is_retried_unchanged_and_a_failed_one_fails_its_letters(
    notifications: NotificationsService,
) -> None:
    applicant = await a_host(notifications, requests_digest="hourly")
    host = applicant.room.host_id
    answers = iter(["451 Later", "550 5.1.1 Nobody"])
    server = MailServer(to_rcpt=lambda to: next(answers) if str(host) in to else "250 OK")
    async with listening(server), notifications.sending(server):
        await asks(notifications, applicant.room)
        await all_are(notifications, host, "request-to-decide", "held")
        await notifications.do(HOUR_PASSES, kind="requests-digest")
        await all_are(notifications, host, "requests-digest", "failed", "smtp-550-5.1.1")
        await all_are(notifications, host, "request-to-decide", "failed", "smtp-550-5.1.1")
        [digest] = [letter for letter in await notifications.letters(host) if letter.kind == "requests-digest"]
        assert digest.tries == 2
        server.to_rcpt = lambda _: "250 OK"
        await resent(notifications, digest.letter_id)
        await all_are(notifications, host, "requests-digest", "sent")
        await all_are(notifications, host, "request-to-decide", "sent")


async def test_a_digest_whose_sender_was_killed_is_sent_once_more_with_the_same_message_id(
    notifications: NotificationsService,
) -> None:
    applicant = await a_host(notifications, requests_digest="daily")
    host = applicant.room.host_id
    async with listening(MailServer()) as server, notifications.sending(server):
        await asks(notifications, applicant.room)
        await all_are(notifications, host, "request-to-decide", "held")
    killed = "UPDATE letter SET status = 'sending' WHERE person_id = :id AND kind = 'request-to-decide'"
    await notifications.do(killed, id=host)
    await notifications.do(
        "UPDATE letter SET status = 'sending', tries = 1, due_at = now() WHERE person_id = :id AND kind = :kind",
        id=host,
        kind="requests-digest",
    )
    async with listening(MailServer()) as server, notifications.sending(server):
        await all_are(notifications, host, "requests-digest", "sent")
        await all_are(notifications, host, "request-to-decide", "sent")
    [digest] = [letter for letter in await notifications.letters(host) if letter.kind == "requests-digest"]
    assert digest.interrupted
    assert [mail["Message-ID"] for mail in server.letters] == [f"<{digest.letter_id}@example.org>"]


async def test_a_new_attempt_waits_for_the_end_of_quiet_hours_too(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    host = applicant.room.host_id
    await notifications.receive(person_registered(host, time_zone="UTC"), room_published(applicant.room))
    await send(notifications, host, quiet_hours=None)
    server = MailServer(to_rcpt=lambda to: "451 Later" if str(host) in to else "250 OK")
    async with listening(server), notifications.sending(server, mail_retry_first=1.0, mail_retry_most=1.0):
        await asks(notifications, applicant.room)
        await all_are(notifications, host, "request-to-decide", "retrying", "smtp-451")
        await send(notifications, host, quiet_hours=quiet_now())
        await all_are(notifications, host, "request-to-decide", "held")
    assert mail_to(server, host) == []


async def test_changed_preferences_release_held_letters(notifications: NotificationsService) -> None:
    applicant = await a_host(notifications, requests_digest="weekly")
    async with listening(MailServer()) as server, notifications.sending(server):
        await asks(notifications, applicant.room)
        await all_are(notifications, applicant.room.host_id, "request-to-decide", "held")
        await send(notifications, applicant.room.host_id, requests_digest="at-once", quiet_hours=None)
        await all_are(notifications, applicant.room.host_id, "request-to-decide", "sent")
    assert len(mail_to(server, applicant.room.host_id)) == 1


async def test_letters_of_a_category_switched_off_or_of_a_muted_room_are_skipped(
    notifications: NotificationsService,
) -> None:
    applicant = await a_host(notifications)
    host = applicant.room.host_id
    await send(notifications, host, activity="off", muted_room_ids=[applicant.room.room_id])
    other = await a_host(notifications, activity="off")
    async with listening(MailServer()) as server, notifications.sending(server):
        await asks(notifications, applicant.room)
        await joins(notifications, other.room, "Bruno Riva")
        await all_are(notifications, host, "request-to-decide", "skipped", "room-muted")
        await all_are(notifications, other.room.host_id, "member-joined", "skipped", "not-wanted")
        assert (
            await notifications.rows("SELECT 1 FROM letter WHERE person_id = :id AND kind = 'activity-digest'", id=host)
            == []
        )
    assert mail_to(server, host) == []


async def test_quiet_hours_hold_only_letters_that_can_wait(notifications: NotificationsService) -> None:
    applicant = an_applicant()
    host = applicant.room.host_id
    await notifications.receive(person_registered(host, time_zone="UTC"), room_published(applicant.room))
    await send(notifications, host, quiet_hours=quiet_now())
    async with listening(MailServer()) as server, notifications.sending(server):
        asked = await asks(notifications, applicant.room)
        await all_are(notifications, host, "request-to-decide", "held")
        await send(notifications, asked.person_id, quiet_hours=quiet_now())
        await all_are(notifications, asked.person_id, "requested", "sent")
        [held] = [letter for letter in await notifications.letters(host) if letter.kind == "request-to-decide"]
        assert held.due_at is not None
        assert held.due_at > datetime.now(UTC)
        await send(notifications, host, quiet_hours=None)
        await all_are(notifications, host, "request-to-decide", "sent")


async def test_a_suppressed_address_gets_no_letter_until_the_suppression_is_lifted(
    notifications: NotificationsService,
) -> None:
    applicant = an_applicant()
    email = f"{applicant.person_id}@example.org"
    await notifications.receive(person_registered(applicant.person_id), room_published(applicant.room))
    await bounced(notifications, email)
    await notifications.receive(membership_event(an_event(Declined, applicant.membership(Status.DECLINED))))
    async with listening(MailServer()) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "suppressed")
        assert letter.reason == "address-suppressed"
        assert server.letters == []
        await lifted(notifications, email)
        await resent(notifications, letter.letter_id)
        await notifications.settled(applicant.person_id, "sent")


async def an_offer(notifications: NotificationsService) -> Applicant:
    """Offer a seat to a person, in a room whose host has an address."""
    applicant = an_applicant()
    offered = a_membership(
        Status.OFFERED,
        membership_id=applicant.membership_id,
        room_id=applicant.room.room_id,
        person_id=applicant.person_id,
        offer_expires_at=datetime.now(UTC) + timedelta(days=1),
        by="system",
        since=NOW,
    )
    people = [person_registered(applicant.person_id), person_registered(applicant.room.host_id)]
    await notifications.receive(
        *people, room_published(applicant.room), membership_event(an_event(SeatOffered, offered))
    )
    return applicant


async def test_the_host_learns_that_the_letter_of_an_offer_was_refused(notifications: NotificationsService) -> None:
    applicant = await an_offer(notifications)
    server = MailServer(to_rcpt=lambda to: "550 5.1.1 Nobody" if str(applicant.person_id) in to else "250 OK")
    async with listening(server), notifications.sending(server):
        await all_are(notifications, applicant.person_id, "seat-offered", "failed", "smtp-550-5.1.1")
        await all_are(notifications, applicant.room.host_id, "offer-undelivered", "sent")
    [text] = mail_to(server, applicant.room.host_id)
    assert "could not be delivered" in " ".join(text.split())


async def test_the_host_learns_that_the_letter_of_an_offer_bounced(notifications: NotificationsService) -> None:
    applicant = await an_offer(notifications)
    async with listening(MailServer()) as server, notifications.sending(server):
        await all_are(notifications, applicant.person_id, "seat-offered", "sent")
        [offer] = [
            letter for letter in await notifications.letters(applicant.person_id) if letter.kind == "seat-offered"
        ]
        await bounced(notifications, f"{applicant.person_id}@example.org", letter_id=offer.letter_id)
        await all_are(notifications, applicant.person_id, "seat-offered", "failed", "bounced-hard")
        await all_are(notifications, applicant.room.host_id, "offer-undelivered", "sent")


async def test_a_bounce_from_another_address_changes_no_letter(notifications: NotificationsService) -> None:
    applicant = await an_offer(notifications)
    async with listening(MailServer()) as server, notifications.sending(server):
        await all_are(notifications, applicant.person_id, "seat-offered", "sent")
        [offer] = [
            letter for letter in await notifications.letters(applicant.person_id) if letter.kind == "seat-offered"
        ]
        await bounced(notifications, f"{uuid4()}@example.org", letter_id=offer.letter_id)
        assert await of_kind(notifications, applicant.person_id, "seat-offered") == [("sent", None)]
