"""Letters that come back: counted by address, ended writing to, written to again, sent once more."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.post import Post, a_way, erased, published, registered, told
from tests.support.stack.handling import received
from tests.unit.notifications.builders import an_event

from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.membership import Declined, Status
from practio_contracts.message import Message
from practio_contracts.notifications import BounceKind, LiftSuppression, ReportBounce, ResendLetter


def said(command: Message, actor: UUID | str = "system") -> ReceivedMessage[Message]:
    """Say a command; only some accounts may speak as the system, the service's own among them."""
    return received(command, actor=actor, account="practio-notifications")


async def bounced(
    post: Post, email: str, kind: str = "hard", actor: UUID | str = "system", letter_id: UUID | None = None
) -> dict[str, Any]:
    """Report a bounce; gives the answer's data."""
    return await post.send(
        said(ReportBounce.model_validate({"email": email, "kind": kind, "letter_id": letter_id}), actor)
    )


async def lifted(post: Post, email: str) -> dict[str, Any]:
    return await post.send(said(LiftSuppression(email=email)))


async def resent(post: Post, letter_id: UUID, actor: UUID | str = "system") -> dict[str, Any]:
    return await post.send(said(ResendLetter(letter_id=letter_id), actor))


async def somebody(post: Post) -> tuple[UUID, str]:
    person_id = uuid4()
    await post.hear(registered(person_id))
    return person_id, f"{person_id}@example.org"


@pytest.mark.parametrize("kind", ["hard", "complaint"])
async def test_a_hard_bounce_or_a_complaint_ends_the_writing_at_once_and_that_is_said(post: Post, kind: str) -> None:
    person_id, email = await somebody(post)
    answer = await bounced(post, email.upper(), kind)
    assert answer["state"] == {"email": email.upper(), "suppressed": True, "kind": kind}
    [(key, event)] = await post.said(person_id)
    assert key == "notifications.address-suppressed.v1"
    assert event["data"] == {"person_id": str(person_id), "kind": kind}
    await bounced(post, email, kind)
    assert len(await post.said(person_id)) == 1


async def test_the_fifth_soft_bounce_in_a_week_ends_the_writing(post: Post) -> None:
    _, email = await somebody(post)
    await bounced(post, email, "soft")
    await post.do("UPDATE bounce SET at = at - interval '8 days' WHERE email = :email", email=email)
    assert [(await bounced(post, email, "soft"))["state"]["suppressed"] for _ in range(5)] == [*[False] * 4, True]


async def test_an_id_is_one_of_its_source_alone(post: Post) -> None:
    identity, (_, email) = uuid4(), await somebody(post)
    for source in ("urn:mail:one", "urn:mail:two"):
        report = ReportBounce(email=email, kind=BounceKind.SOFT)
        answer = await post.send(
            received(report, id=identity, source=source, actor="system", account="practio-notifications")
        )
        assert answer["changed"]
    [count] = await post.rows("SELECT count(*) FROM bounce WHERE email = :email", email=email)
    assert count == (2,)


async def test_lifting_writes_again_and_counts_again(post: Post) -> None:
    person_id, email = await somebody(post)
    for _ in range(5):
        await bounced(post, email, "soft")
    assert (await lifted(post, email))["changed"]
    assert [key for key, _ in await post.said(person_id)] == [
        "notifications.address-suppressed.v1",
        "notifications.suppression-lifted.v1",
    ]
    assert not (await bounced(post, email, "soft"))["state"]["suppressed"]
    assert not (await lifted(post, email))["changed"]


async def test_only_the_system_reports_lifts_and_resends(post: Post) -> None:
    person_id, email = await somebody(post)
    answers = [
        await bounced(post, email, actor=person_id),
        await post.send(said(LiftSuppression(email=email), person_id)),
        await resent(post, uuid4(), person_id),
    ]
    assert [answer["code"] for answer in answers] == ["not-allowed"] * 3


async def test_bounces_go_with_the_person(post: Post) -> None:
    person_id, email = await somebody(post)
    await bounced(post, email)
    await post.hear(erased(person_id))
    assert await post.rows("SELECT 1 FROM bounce WHERE email = :email", email=email) == []
    assert await post.rows("SELECT 1 FROM suppression WHERE email = :email", email=email) == []


async def a_letter(post: Post, status: str) -> tuple[UUID, UUID]:
    """Give the reader and the id of a letter that is ``status``."""
    way = a_way()
    await post.hear(
        registered(way.person_id), published(way.room), told(an_event(Declined, way.membership(Status.DECLINED)))
    )
    await post.do(
        "UPDATE letter SET status = :status, reason = 'why', tries = 2, due_at = NULL WHERE person_id = :id",
        status=status,
        id=way.person_id,
    )
    return way.person_id, (await post.letter(way.person_id)).letter_id


@pytest.mark.parametrize("status", ["unknown", "failed", "suppressed"])
async def test_a_letter_that_may_not_have_come_is_sent_once_more(post: Post, status: str) -> None:
    person_id, letter_id = await a_letter(post, status)
    answer = await resent(post, letter_id)
    assert (answer["state"]["status"], answer["state"]["reason"]) == ("queued", None)
    assert (await post.letter(person_id)).due_at is not None


@pytest.mark.parametrize("status", ["queued", "held", "sending", "retrying", "sent", "skipped"])
async def test_no_other_letter_is_sent_once_more(post: Post, status: str) -> None:
    _, letter_id = await a_letter(post, status)
    assert (await resent(post, letter_id))["code"] == "letter-on-its-way"


async def test_a_letter_nobody_knows_or_that_was_emptied_or_has_no_way_is_not_sent_once_more(post: Post) -> None:
    person_id, letter_id = await a_letter(post, "failed")
    assert (await resent(post, uuid4()))["code"] == "letter-unknown"
    await bounced(post, f"{person_id}@example.org")
    assert (await resent(post, letter_id))["code"] == "address-suppressed"
    await post.hear(erased(person_id))
    assert (await resent(post, letter_id))["code"] == "letter-emptied"
