"""Misbehaving mail servers: each fault is an outcome of the letter, and the next letter is not affected."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    an_applicant,
    membership_event,
    person_registered,
    room_published,
)
from tests.support.eventually import eventually
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Declined, Status

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def declined(notifications: NotificationsService, *, times: int = 1) -> Applicant:
    """Let a letter be due: a decline to a new person, received so many times."""
    applicant = an_applicant()
    event = membership_event(an_event(Declined, applicant.membership(Status.DECLINED, by=str(applicant.room.host_id))))
    await notifications.receive(person_registered(applicant.person_id), room_published(applicant.room))
    for _ in range(times):
        await notifications.receive(event)
    return applicant


@asynccontextmanager
async def speaking(talk: Talk) -> AsyncIterator[MailServer]:
    """Run a server that behaves like that on each connection, for as long as the context lasts."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    try:
        yield MailServer(port=server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def is_silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Keep the connection open until the client closes it."""
    await reader.read()


async def greets_with_garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff who is there?\r\n")
    await reader.read()


async def sends_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"554 5.3.2 Not today\r\n")
    await reader.read()


async def hangs_up_at_once(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Close the connection without an answer."""


async def hangs_up_amid_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read the first bytes of a letter, and close the connection."""
    writer.write(b"220 mail.example.org\r\n")
    while line := await reader.readline():
        if line.upper().startswith(b"DATA"):
            writer.write(b"354 Go on\r\n")
            await reader.readexactly(10)
            writer.transport.abort()
            return
        writer.write(b"250 OK\r\n")


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (is_silent, "smtp-timeout"),
        (greets_with_garbage, "smtp-answer-garbled"),
        (sends_away, "smtp-554"),
        (hangs_up_at_once, "smtp-unreachable"),
    ],
)
async def test_a_server_that_fails_before_the_letter_gets_it_later(
    notifications: NotificationsService, talk: Talk, reason: str
) -> None:
    applicant = await declined(notifications)
    async with (
        speaking(talk) as server,
        notifications.sending(server, smtp_timeout=0.5, mail_retry_first=60, mail_retry_most=60),
    ):
        letter = await notifications.settled(applicant.person_id, "retrying")
    assert letter.reason is not None
    assert letter.reason.startswith(reason), letter.reason
    await notifications.do("UPDATE letter SET due_at = now() WHERE person_id = :id", id=applicant.person_id)
    async with listening(MailServer()) as well, notifications.sending(well):
        await notifications.settled(applicant.person_id, "sent")
    assert len(well.letters) == 1


async def test_a_connection_cut_during_data_leaves_the_letter_unknown_and_not_resent(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    async with speaking(hangs_up_amid_data) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "unknown")
    assert (letter.reason, letter.due_at) == ("connection-lost-after-data", None)


async def test_a_letter_is_retried_after_garbage_before_data(notifications: NotificationsService) -> None:
    applicant = await declined(notifications)
    answers = iter(["Well, who knows", "250 OK"])
    async with listening(MailServer(to_rcpt=lambda _: next(answers))) as server, notifications.sending(server):
        assert (await notifications.settled(applicant.person_id, "sent")).tries == 2


async def test_a_letter_refused_for_now_after_data_is_sent_again_as_the_same_message(
    notifications: NotificationsService,
) -> None:
    applicant = await declined(notifications)
    answers = iter(["452 4.3.1 Full", "250 Kept"])
    seen = []

    def to_data(_address: str) -> str:
        seen.append(answer := next(answers))
        return answer

    async with listening(MailServer(to_data=to_data)) as server, notifications.sending(server):
        letter = await notifications.settled(applicant.person_id, "sent")
    assert (letter.tries, len(seen)) == (2, 2)
    assert [mail["Message-ID"] for mail in server.letters] == [f"<{letter.letter_id}@example.org>"]


async def test_an_event_received_ten_times_sends_one_letter(notifications: NotificationsService) -> None:
    applicant = await declined(notifications, times=10)
    async with listening(MailServer()) as server, notifications.sending(server):
        await notifications.settled(applicant.person_id, "sent")
        other = await declined(notifications)
        await notifications.settled(other.person_id, "sent")
    assert len(server.letters) == 2


async def test_no_more_connections_than_allowed_are_used_for_many_letters(
    notifications: NotificationsService,
) -> None:
    server = MailServer()
    applicants = [await declined(notifications) for _ in range(20)]
    async with listening(server), notifications.sending(server, mail_connections=2):
        for applicant in applicants:
            await notifications.settled(applicant.person_id, "sent")
    assert len(server.connections) <= 2
    await eventually(lambda: len(server.letters) == 20)
