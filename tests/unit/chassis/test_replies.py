"""The first answer to an address is sent apart from all others: it may end the connection."""

import asyncio
from typing import Any, cast

import pytest
from aiormq.exceptions import ConnectionInternalError

from practio_chassis.outbound import replies
from practio_chassis.outbound.replies import RefusedAddressError, Replies

GOOD, BAD = "good", "bad"


class Connection:
    """A connection on which answers are published: it keeps the addresses, and ends when it is sent a bad one."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.at_once = self.most_at_once = 0
        self.is_cut = self.is_closed = False

    async def close(self) -> None:
        self.is_closed = True

    async def send(self, answer: bytes, *, reply_to: str, correlation_id: str | None) -> None:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.is_cut:
            raise ConnectionError("gone")
        if reply_to == BAD:
            raise ConnectionInternalError("INTERNAL_ERROR")
        self.sent.append(reply_to)


class Sending:
    """Replies on two connections."""

    def __init__(self) -> None:
        self.first, self.following = Connection(), Connection()
        self.is_away = self.closes_meanwhile = False
        self._replies = Replies(
            first=cast(Any, self.first), following=cast(Any, self.following), open_first=cast(Any, self._opened)
        )

    async def close(self) -> None:
        await self._replies.close()

    async def _opened(self) -> Connection:
        if self.closes_meanwhile:
            await self.close()
        if self.is_away:
            raise ConnectionError("nobody there")
        self.first = Connection()
        return self.first

    async def to(self, *addresses: str) -> None:
        """Send an answer to each address, all at once."""
        sent = (self._replies.send(b"answer", reply_to=each, correlation_id=None) for each in addresses)
        await asyncio.gather(*sent)


async def test_only_the_first_answer_to_an_address_goes_on_the_connection_of_the_first() -> None:
    sending = Sending()
    await sending.to(GOOD, GOOD, GOOD, "another")
    await sending.to("another")
    assert sending.first.sent == [GOOD, "another"]
    assert sending.following.sent == [GOOD, GOOD, "another"]


async def test_first_answers_go_one_by_one() -> None:
    sending = Sending()
    await sending.to(*(f"address {number}" for number in range(20)))
    assert (len(sending.first.sent), sending.first.most_at_once) == (20, 1)
    await sending.to(*(f"address {number}" for number in range(20)))
    assert sending.following.most_at_once == 20


async def test_an_address_that_ends_the_connection_is_refused_each_time_and_touches_no_other_connection() -> None:
    sending = Sending()
    for _ in range(2):
        with pytest.raises(RefusedAddressError):
            await sending.to(BAD)
    assert sending.following.most_at_once == 0


async def test_the_connection_that_ended_is_replaced_at_once_and_closed() -> None:
    sending = Sending()
    ended = sending.first
    with pytest.raises(RefusedAddressError):
        await sending.to(BAD)
    await sending.to(GOOD)
    assert (ended.is_closed, ended.sent, sending.first.sent) == (True, [], [GOOD])


async def test_a_connection_that_opens_after_the_others_were_closed_does_not_stay_open() -> None:
    sending = Sending()
    sending.closes_meanwhile, ended = True, sending.first
    with pytest.raises(RefusedAddressError):
        await sending.to(BAD)
    assert sending.first is not ended
    assert [each.is_closed for each in (ended, sending.first, sending.following)] == [True] * 3


async def test_while_the_broker_is_away_the_connection_that_ended_is_kept_and_comes_back_by_itself() -> None:
    sending = Sending()
    sending.is_away = True
    with pytest.raises(RefusedAddressError):
        await sending.to(BAD)
    await sending.to(GOOD)
    assert (sending.first.is_closed, sending.first.sent) == (False, [GOOD])


async def test_an_address_whose_answer_is_lost_counts_as_new() -> None:
    sending = Sending()
    await sending.to(GOOD)
    sending.following.is_cut = True
    with pytest.raises(ConnectionError):
        await sending.to(GOOD)
    await sending.to(GOOD)
    assert sending.first.sent == [GOOD, GOOD]


async def test_a_first_answer_that_is_lost_makes_no_address_good() -> None:
    sending = Sending()
    sending.first.is_cut = True
    with pytest.raises(ConnectionError):
        await sending.to(GOOD)
    sending.first.is_cut = False
    await sending.to(GOOD)
    assert (sending.first.sent, sending.following.sent) == ([GOOD], [])


async def test_only_so_many_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "_MOST_ADDRESSES", 2)
    sending = Sending()
    await sending.to(GOOD, "second", "third")
    await sending.to("third", GOOD)
    assert sending.first.sent == [GOOD, "second", "third", GOOD]
    assert sending.following.sent == ["third"]
