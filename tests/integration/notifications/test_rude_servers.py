"""Mail servers that keep no manners: what they do is an outcome of the letter's, and the next server gets it or not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.integration.notifications.post import Post, Way, a_way, published, registered, told
from tests.integration.notifications.servers import MailServer, listening
from tests.support.eventually import eventually
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Declined, Status

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def declined(post: Post, *, times: int = 1) -> Way:
    """Let a letter be due: a decline to a person of its own, told of so many times."""
    way = a_way()
    event = told(an_event(Declined, way.membership(Status.DECLINED, by=str(way.room.host_id))))
    await post.hear(registered(way.person_id), published(way.room))
    for _ in range(times):
        await post.hear(event)
    return way


@asynccontextmanager
async def speaking(talk: Talk) -> AsyncIterator[MailServer]:
    """Let a server speak like that on each line, for as long as the context lasts."""

    async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(line, "127.0.0.1", 0)
    try:
        yield MailServer(port=server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def says_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Hold the line until the other hangs up."""
    await reader.read()


async def greets_with_garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff who is there?\r\n")
    await reader.read()


async def sends_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"554 5.3.2 Not today\r\n")
    await reader.read()


async def hangs_up_at_once(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Say nothing, and go."""


async def hangs_up_amid_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take a letter's first bytes, and go."""
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
        (says_nothing, "smtp-timeout"),
        (greets_with_garbage, "smtp-answer-garbled"),
        (sends_away, "smtp-554"),
        (hangs_up_at_once, "smtp-unreachable"),
    ],
)
async def test_a_server_that_does_not_come_to_the_letter_gets_it_later(post: Post, talk: Talk, reason: str) -> None:
    way = await declined(post)
    async with (
        speaking(talk) as server,
        post.sending(server, smtp_timeout=0.5, mail_retry_first=60, mail_retry_most=60),
    ):
        letter = await post.settled(way.person_id, "retrying")
    assert letter.reason is not None
    assert letter.reason.startswith(reason), letter.reason
    await post.do("UPDATE letter SET due_at = now() WHERE person_id = :id", id=way.person_id)
    async with listening(MailServer()) as well, post.sending(well):
        await post.settled(way.person_id, "sent")
    assert len(well.letters) == 1


async def test_a_line_cut_amid_data_leaves_the_letter_unknown_and_it_is_not_sent_again(post: Post) -> None:
    way = await declined(post)
    async with speaking(hangs_up_amid_data) as server, post.sending(server):
        letter = await post.settled(way.person_id, "unknown")
    assert (letter.reason, letter.due_at) == ("connection-lost-after-data", None)


async def test_garbage_before_data_is_tried_again(post: Post) -> None:
    way = await declined(post)
    answers = iter(["Well, who knows", "250 OK"])
    async with listening(MailServer(to_rcpt=lambda _: next(answers))) as server, post.sending(server):
        assert (await post.settled(way.person_id, "sent")).tries == 2


async def test_a_letter_refused_for_now_after_data_is_sent_again_as_the_same_message(post: Post) -> None:
    way = await declined(post)
    answers = iter(["452 4.3.1 Full", "250 Kept"])
    seen = []

    def to_data(_address: str) -> str:
        seen.append(answer := next(answers))
        return answer

    async with listening(MailServer(to_data=to_data)) as server, post.sending(server):
        letter = await post.settled(way.person_id, "sent")
    assert (letter.tries, len(seen)) == (2, 2)
    assert [mail["Message-ID"] for mail in server.letters] == [f"<{letter.letter_id}@example.org>"]


async def test_an_event_told_ten_times_sends_one_letter(post: Post) -> None:
    way = await declined(post, times=10)
    async with listening(MailServer()) as server, post.sending(server):
        await post.settled(way.person_id, "sent")
        other = await declined(post)
        await post.settled(other.person_id, "sent")
    assert len(server.letters) == 2


async def test_where_connections_are_few_no_more_than_these_are_used_however_many_letters_are_in_hand(
    post: Post,
) -> None:
    server = MailServer()
    ways = [await declined(post) for _ in range(20)]
    async with listening(server), post.sending(server, mail_connections=2):
        for way in ways:
            await post.settled(way.person_id, "sent")
    assert len(server.lines) <= 2
    await eventually(lambda: len(server.letters) == 20)
