"""Letters that come back: counted by address, ended writing to, written to again, sent once more."""

import unicodedata
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.notifications_service import (
    NotificationsService,
    an_applicant,
    membership_event,
    person_erased,
    person_registered,
    room_published,
)
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import an_event

from practio_chassis.context import ReceivedMessage
from practio_contracts.membership import Declined, Status
from practio_contracts.message import Message
from practio_contracts.notifications import BounceKind, LiftSuppression, ReportBounce, ResendLetter


def a_command(command: Message, actor: UUID | str = "system") -> ReceivedMessage[Message]:
    """Return a received command; only some accounts may act as the system, the service's own among them."""
    return received(command, actor=actor, account="practio-notifications")


async def bounced(
    notifications: NotificationsService,
    email: str,
    kind: str = "hard",
    actor: UUID | str = "system",
    letter_id: UUID | None = None,
) -> dict[str, Any]:
    """Report a bounce; return the answer's data."""
    return await notifications.send(
        a_command(ReportBounce.model_validate({"email": email, "kind": kind, "letter_id": letter_id}), actor)
    )


async def lifted(notifications: NotificationsService, email: str) -> dict[str, Any]:
    return await notifications.send(a_command(LiftSuppression(email=email)))


async def resent(notifications: NotificationsService, letter_id: UUID, actor: UUID | str = "system") -> dict[str, Any]:
    return await notifications.send(a_command(ResendLetter(letter_id=letter_id), actor))


async def somebody(notifications: NotificationsService) -> tuple[UUID, str]:
    person_id = uuid4()
    await notifications.receive(person_registered(person_id))
    return person_id, f"{person_id}@example.org"


@pytest.mark.parametrize("kind", ["hard", "complaint"])
async def test_a_hard_bounce_or_a_complaint_suppresses_the_address_and_publishes_it(
    notifications: NotificationsService, kind: str
) -> None:
    person_id, email = await somebody(notifications)
    answer = await bounced(notifications, email.upper(), kind)
    assert answer["state"] == {"email": email.upper(), "suppressed": True, "kind": kind}
    [(key, event)] = await notifications.published_events(person_id)
    assert key == "notifications.address-suppressed.v1"
    assert event["data"] == {"person_id": str(person_id), "kind": kind}
    await bounced(notifications, email, kind)
    assert len(await notifications.published_events(person_id)) == 1


async def test_the_fifth_soft_bounce_in_a_week_suppresses_the_address(notifications: NotificationsService) -> None:
    _, email = await somebody(notifications)
    await bounced(notifications, email, "soft")
    await notifications.do("UPDATE bounce SET at = at - interval '8 days' WHERE email = :email", email=email)
    assert [(await bounced(notifications, email, "soft"))["state"]["suppressed"] for _ in range(5)] == [
        *[False] * 4,
        True,
    ]


async def test_a_refused_letter_has_failed_and_its_address_is_still_written_to(
    notifications: NotificationsService,
) -> None:
    person_id, letter_id = await a_letter(notifications, "sent")
    for _ in range(6):
        answer = await bounced(notifications, f"{person_id}@example.org", "refused", letter_id=letter_id)
        assert answer["state"]["suppressed"] is False
    letter = await notifications.letter(person_id)
    assert (letter.status, letter.reason) == ("failed", "bounced-refused")
    assert (await resent(notifications, letter_id))["state"]["status"] == "queued"


IN_ASCII, AS_TYPED = "xn--bcher-kva.example", "bücher.example"
DOMAINS = [IN_ASCII, AS_TYPED, unicodedata.normalize("NFD", AS_TYPED), AS_TYPED.upper()]


@pytest.mark.parametrize("known_by", [IN_ASCII, AS_TYPED])
@pytest.mark.parametrize("domain", DOMAINS)
async def test_an_address_is_one_whatever_form_it_is_written_in(
    notifications: NotificationsService, known_by: str, domain: str
) -> None:
    person_id, letter_id = await a_letter(notifications, "sent", email=f"Anna.{uuid4()}@{known_by}")
    [[stored]] = await notifications.rows("SELECT email FROM contact WHERE person_id = :id", id=person_id)
    email = f"{stored.partition('@')[0]}@{domain}"
    assert (await bounced(notifications, email, letter_id=letter_id))["state"]["suppressed"]
    assert (await notifications.letter(person_id)).reason == "bounced-hard"
    assert (await resent(notifications, letter_id))["code"] == "address-suppressed"
    assert (await lifted(notifications, email))["changed"]
    assert [key for key, _ in await notifications.published_events(person_id)] == [
        "notifications.address-suppressed.v1",
        "notifications.suppression-lifted.v1",
    ]


async def test_an_id_is_unique_only_within_its_source(notifications: NotificationsService) -> None:
    identity, (_, email) = uuid4(), await somebody(notifications)
    for source in ("urn:mail:one", "urn:mail:two"):
        report = ReportBounce(email=email, kind=BounceKind.SOFT)
        answer = await notifications.send(
            received(report, id=identity, source=source, actor="system", account="practio-notifications")
        )
        assert answer["changed"]
    [count] = await notifications.rows("SELECT count(*) FROM bounce WHERE email = :email", email=email)
    assert count == (2,)


async def test_lifting_a_suppression_resets_the_count(notifications: NotificationsService) -> None:
    person_id, email = await somebody(notifications)
    for _ in range(5):
        await bounced(notifications, email, "soft")
    assert (await lifted(notifications, email))["changed"]
    assert [key for key, _ in await notifications.published_events(person_id)] == [
        "notifications.address-suppressed.v1",
        "notifications.suppression-lifted.v1",
    ]
    assert not (await bounced(notifications, email, "soft"))["state"]["suppressed"]
    assert not (await lifted(notifications, email))["changed"]


async def test_only_the_system_reports_lifts_and_resends(notifications: NotificationsService) -> None:
    person_id, email = await somebody(notifications)
    answers = [
        await bounced(notifications, email, actor=person_id),
        await notifications.send(a_command(LiftSuppression(email=email), person_id)),
        await resent(notifications, uuid4(), person_id),
    ]
    assert [answer["code"] for answer in answers] == ["not-allowed"] * 3


async def test_bounces_are_erased_with_the_person(notifications: NotificationsService) -> None:
    person_id, email = await somebody(notifications)
    await bounced(notifications, email)
    await notifications.receive(person_erased(person_id))
    assert await notifications.rows("SELECT 1 FROM bounce WHERE email = :email", email=email) == []
    assert await notifications.rows("SELECT 1 FROM suppression WHERE email = :email", email=email) == []


async def a_letter(notifications: NotificationsService, status: str, **person: Any) -> tuple[UUID, UUID]:
    """Return the reader and the id of a letter that is ``status``."""
    applicant = an_applicant()
    await notifications.receive(
        person_registered(applicant.person_id, **person),
        room_published(applicant.room),
        membership_event(an_event(Declined, applicant.membership(Status.DECLINED))),
    )
    await notifications.do(
        "UPDATE letter SET status = :status, reason = 'why', tries = 2, due_at = NULL WHERE person_id = :id",
        status=status,
        id=applicant.person_id,
    )
    return applicant.person_id, (await notifications.letter(applicant.person_id)).letter_id


@pytest.mark.parametrize("status", ["unknown", "failed", "suppressed"])
async def test_a_letter_that_may_not_have_arrived_can_be_sent_once_more(
    notifications: NotificationsService, status: str
) -> None:
    person_id, letter_id = await a_letter(notifications, status)
    answer = await resent(notifications, letter_id)
    assert (answer["state"]["status"], answer["state"]["reason"]) == ("queued", None)
    assert (await notifications.letter(person_id)).due_at is not None


@pytest.mark.parametrize("status", ["queued", "held", "sending", "retrying", "sent", "skipped"])
async def test_no_other_letter_can_be_sent_once_more(notifications: NotificationsService, status: str) -> None:
    _, letter_id = await a_letter(notifications, status)
    assert (await resent(notifications, letter_id))["code"] == "letter-on-its-way"


async def test_an_unknown_emptied_or_unroutable_letter_is_not_sent_once_more(
    notifications: NotificationsService,
) -> None:
    person_id, letter_id = await a_letter(notifications, "failed")
    assert (await resent(notifications, uuid4()))["code"] == "letter-unknown"
    await bounced(notifications, f"{person_id}@example.org")
    assert (await resent(notifications, letter_id))["code"] == "address-suppressed"
    await notifications.receive(person_erased(person_id))
    assert (await resent(notifications, letter_id))["code"] == "letter-emptied"
