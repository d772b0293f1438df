"""A mail relay that is set up wrongly: it costs no letter, gets one at a time, and operators learn of it."""

from typing import Any

import pytest
from prometheus_client import REGISTRY
from tests.integration.notifications.declines import declined
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import NotificationsService
from tests.support.eventually import eventually

NEVER_AGAIN, AT_ONCE = 3_600.0, 0.05
HELD_BACK = {"mail_connections": 1, "mail_probe_every": NEVER_AGAIN, "mail_retry_first": 60, "mail_retry_most": 120}


def refuses() -> float | None:
    """Return the metric of held back letters."""
    return REGISTRY.get_sample_value("practio_mail_relay_refuses")


async def turns(notifications: NotificationsService) -> None:
    """Let the sender look for letters more often than there are any."""
    for _ in range(20):
        notifications.wake.set()
        await eventually(lambda: not notifications.wake.is_set())


OTHER_REFUSALS: list[tuple[MailServer, dict[str, Any], str]] = [
    (MailServer(password="right"), {"smtp_username": "practio", "smtp_password": "wrong"}, "smtp-535-5.7.8"),
    (MailServer(to_mail=lambda _: "538 5.7.11 Encryption required"), {}, "smtp-538-5.7.11"),
    (MailServer(to_mail=lambda _: "550 5.7.1 Your address is blocked"), {}, "smtp-550-5.7.1"),
    (MailServer(to_rcpt=lambda _: "530 Authentication required"), {}, "smtp-530"),
]


@pytest.mark.parametrize(
    ("server", "login", "reason"),
    [
        (MailServer(password="right"), {}, "smtp-530-5.7.0"),
        (MailServer(to_rcpt=lambda _: "550 5.7.1 Unable to relay"), {}, "smtp-550-5.7.1"),
        (MailServer(to_data=lambda _: "550 5.7.60 May not send as this sender"), {}, "smtp-550-5.7.60"),
        *(pytest.param(*case, marks=pytest.mark.thorough) for case in OTHER_REFUSALS),
    ],
    ids=["no login", "no relaying", "not as this sender", "wrong login", "no encryption", "blocked", "login wanted"],
)
async def test_a_relay_that_refuses_all_letters_fails_none_and_is_tried_with_few(
    notifications: NotificationsService, server: MailServer, login: dict[str, Any], reason: str
) -> None:
    applicants = [await declined(notifications) for _ in range(12)]
    async with listening(server), notifications.sending(server, **HELD_BACK, **login):
        await eventually(lambda: notifications.faults)
        await turns(notifications)
        assert refuses() == 1
    found = [await notifications.letter(applicant.person_id) for applicant in applicants]
    tried = [letter for letter in found if letter.tries]
    assert {(letter.status, letter.reason, letter.tries) for letter in tried} == {("retrying", reason, 1)}
    assert {letter.status for letter in found if letter not in tried} == {"queued"}
    assert len(tried) <= 6
    assert notifications.faults == {"mail relay": f"the mail server refuses all letters ({reason})"}


async def test_a_repaired_relay_lets_the_same_sender_go_on(notifications: NotificationsService) -> None:
    applicants = [await declined(notifications) for _ in range(12)]
    answers = {"mail": "530 5.7.0 Authentication required"}
    server = MailServer(to_mail=lambda _: answers["mail"])
    async with (
        listening(server),
        notifications.sending(server, mail_connections=1, mail_probe_every=AT_ONCE),
    ):
        await eventually(lambda: notifications.faults)
        answers["mail"] = "250 OK"
        for applicant in applicants:
            await notifications.settled(applicant.person_id, "sent")
        assert (notifications.faults, refuses()) == ({}, 0)
    assert len(server.letters) == 12


async def test_a_policy_against_one_reader_holds_no_other_letter_back(notifications: NotificationsService) -> None:
    closed = await declined(notifications)
    server = MailServer(
        to_rcpt=lambda address: "550 5.7.1 Members only" if address.startswith(str(closed.person_id)) else "250 OK"
    )
    async with listening(server), notifications.sending(server, mail_connections=1, mail_probe_every=NEVER_AGAIN):

        async def was_tried_often() -> bool:
            return (await notifications.letter(closed.person_id)).tries > 4

        await eventually(was_tried_often)
        other = await declined(notifications)
        await notifications.settled(other.person_id, "sent")
    letter = await notifications.letter(closed.person_id)
    assert (letter.status, letter.reason) == ("retrying", "smtp-550-5.7.1")
    assert notifications.faults == {}


@pytest.mark.parametrize("answer", ["554 5.7.1 Looks like spam", "552 5.3.4 Too big", "550 5.6.0 Odd"])
async def test_a_letter_whose_content_is_refused_fails_alone(notifications: NotificationsService, answer: str) -> None:
    server = MailServer(to_data=lambda _: answer)
    async with listening(server), notifications.sending(server, mail_probe_every=NEVER_AGAIN):
        for _ in range(4):
            await notifications.settled((await declined(notifications)).person_id, "failed")
    assert notifications.faults == {}
