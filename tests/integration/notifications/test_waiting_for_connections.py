"""Letters that wait for a free connection: given back rather than sent late."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from tests.integration.notifications.declines import declined
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    person_erased,
)
from tests.support.eventually import eventually

from practio_notifications.delivery import sender
from practio_notifications.letters.pace import Pace


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
