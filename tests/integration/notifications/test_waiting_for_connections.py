"""Letters that wait for a free connection, in hand or reserved: given back rather than sent late."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

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
from practio_notifications.delivery.claims import Claimed, claim
from practio_notifications.letters.pace import Pace
from practio_notifications.tables import LetterRow

MANY = 10
SOON = timedelta(seconds=5)
IN_HAND = {("sending", 1, True): 4}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The sender's clock, which runs ``ahead`` of the usual one.

    The sender takes four letters a connection in hand, and reserves many more.
    """
    ours = SimpleNamespace(ahead=0.0)
    ours.monotonic = lambda: time.monotonic() + ours.ahead
    monkeypatch.setattr(sender, "time", ours)
    monkeypatch.setattr(sender, "Pace", lambda: Pace(a_second=1_000.0, since=ours.monotonic()))
    return ours


async def one_leaves_and_others_wait(
    notifications: NotificationsService, server: MailServer, applicants: Sequence[Applicant]
) -> tuple[Applicant, Sequence[Applicant]]:
    """Wait until a server keeps one of many letters waiting for its answer; return it, and the others.

    Three of the others are in hand, the rest is reserved.
    """
    await eventually(lambda: server.tries == 1)

    async def are_claimed() -> bool:
        return await states(notifications, applicants) == IN_HAND | {("queued", 0, True): len(applicants) - 4}

    await eventually(are_claimed)
    await eventually(lambda: len(server.letters) == 1)
    [leaving] = [each for each in applicants if str(each.person_id) in server.letters[0]["To"]]
    return leaving, [each for each in applicants if each is not leaving]


async def states(
    notifications: NotificationsService, applicants: Sequence[Applicant]
) -> Counter[tuple[str, int, bool]]:
    """Return how many letters have each status and number of tries, and are or are not claimed."""
    found = [await notifications.letter(each.person_id) for each in applicants]
    return Counter((each.status, each.tries, is_claimed(each)) for each in found)


def is_claimed(letter: LetterRow) -> bool:
    """Return whether no other sender claims a letter for some seconds: it is in hand, reserved or retried later."""
    return letter.due_at is not None and letter.due_at > datetime.now(UTC) + SOON


async def test_letters_that_wait_for_a_connection_are_given_back_by_a_sender_that_stops(
    notifications: NotificationsService, clock: SimpleNamespace
) -> None:
    applicants = [await declined(notifications) for _ in range(MANY)]
    server = MailServer()
    server.gate.clear()
    async with listening(server), notifications.sending(server, mail_connections=1) as running:
        leaving, waiting = await one_leaves_and_others_wait(notifications, server, applicants)
        running.cancel()
        await eventually(lambda: running.cancelling() > 0)
        server.gate.set()
        await asyncio.wait({running})
    assert (await notifications.letter(leaving.person_id)).status == "sent"
    for applicant in waiting:
        letter = await notifications.letter(applicant.person_id)
        assert (letter.status, letter.tries, letter.interrupted) == ("queued", 0, False)
        assert (letter.first_tried_at, letter.due_at is None, is_claimed(letter)) == (None, False, False)


async def test_a_letter_that_waited_long_for_a_connection_leaves_only_if_it_is_still_to_leave(
    notifications: NotificationsService, clock: SimpleNamespace
) -> None:
    applicants = [await declined(notifications) for _ in range(MANY)]
    server = MailServer()
    server.gate.clear()
    async with listening(server), notifications.sending(server, mail_connections=1):
        leaving, [erased, *others] = await one_leaves_and_others_wait(notifications, server, applicants)
        await notifications.receive(person_erased(erased.person_id))
        clock.ahead += 10.0
        server.gate.set()
        for applicant in (leaving, *others):
            letter = await notifications.settled(applicant.person_id, "sent")
            assert (letter.tries, letter.interrupted) == (1, False)
    assert not [mail for mail in server.letters if str(erased.person_id) in mail["To"]]
    assert len(server.letters) == MANY - 1


async def test_letters_that_are_reserved_for_long_are_given_back_while_the_server_keeps_the_others_waiting(
    notifications: NotificationsService, clock: SimpleNamespace
) -> None:
    applicants = [await declined(notifications) for _ in range(MANY)]
    server = MailServer()
    server.gate.clear()
    async with listening(server), notifications.sending(server, mail_connections=1, mail_lease=60.0):
        await one_leaves_and_others_wait(notifications, server, applicants)
        clock.ahead += 10.0

        async def given_back() -> bool:
            return await states(notifications, applicants) == IN_HAND | {("queued", 0, False): MANY - 4}

        await eventually(given_back)
        server.gate.set()


async def test_letters_leave_however_long_the_turns_of_a_sender_take(
    notifications: NotificationsService, clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def claim_slowly(*args: Any, **named: Any) -> Claimed:
        clock.ahead += 3.0
        return await claim(*args, **named)

    monkeypatch.setattr(sender, "claim", claim_slowly)
    applicants = [await declined(notifications) for _ in range(MANY)]
    async with listening(MailServer()) as server, notifications.sending(server, mail_connections=1):
        for each in applicants:
            assert (await notifications.settled(each.person_id, "sent")).tries == 1
    assert len(server.letters) == MANY


async def test_letters_that_wait_for_a_connection_are_given_back_if_the_server_refuses_all(
    notifications: NotificationsService, clock: SimpleNamespace
) -> None:
    applicants = [await declined(notifications) for _ in range(MANY)]
    server = MailServer(to_data=lambda _: "550 5.7.60 May not send as this sender")
    async with listening(server), notifications.sending(server, mail_connections=1, mail_retry_first=60):
        await eventually(lambda: notifications.faults)

        async def given_back() -> bool:
            found = await states(notifications, applicants)
            retried = found["retrying", 1, False] + found["retrying", 1, True]  # after a random pause
            return (found["queued", 0, False], retried) == (MANY - 1, 1)

        await eventually(given_back)
    assert server.tries == 1


async def test_a_reserved_letter_that_another_sender_has_claimed_leaves_once(
    notifications: NotificationsService, clock: SimpleNamespace
) -> None:
    applicants = [await declined(notifications) for _ in range(MANY)]
    slow, fast = MailServer(), MailServer()
    slow.gate.clear()
    async with listening(slow), listening(fast), notifications.sending(slow, mail_connections=1):
        leaving, waiting = await one_leaves_and_others_wait(notifications, slow, applicants)
        reserved = [each for each in waiting if await notifications.letter_is(each.person_id, "queued")]
        for each in reserved:
            await notifications.do("UPDATE letter SET due_at = now() WHERE person_id = :id", id=each.person_id)
        async with notifications.sending(fast):
            for each in reserved:
                await notifications.settled(each.person_id, "sent")
        slow.gate.set()
        for each in (leaving, *waiting):
            await notifications.settled(each.person_id, "sent")
    to = Counter(mail["To"] for mail in (*slow.letters, *fast.letters))
    assert len(reserved) == MANY - 4
    assert (len(to), set(to.values())) == (MANY, {1})
