"""The forwarder: commands are handled here, or passed on in order; which number of shards it takes, and when."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, cast

import pytest
from aiormq.exceptions import ChannelInvalidStateError
from tests.support.clients.commands import new_id
from tests.support.eventually import eventually

from practio_chassis.database.sharding import Sharding, ShardingRow
from practio_chassis.handling.transaction import Transaction
from practio_chassis.inbound.arrival import Arrival, unread
from practio_chassis.inbound.shards import forwarder as forwarding
from practio_chassis.inbound.shards.forwarder import Forwarder
from practio_chassis.inbound.shards.marker import epoch_of, wake
from practio_chassis.inbound.shards.shares import shard_of
from practio_chassis.outbound.redirects import Redirect
from practio_contracts.catalogue import COMMANDS
from practio_membership.app import SERVICE, shard_key

OUTSIDE, OURS = "intranet", "practio-membership"


class Row:
    """The row as the database keeps it, for one forwarder, while another may come between."""

    def __init__(self, *, wanted: int, active: int) -> None:
        self.spread = ShardingRow(wanted=wanted, active=active, queues=max(wanted, active), epoch=0, drained=())
        self.looks = 0

    async def read(self) -> ShardingRow:
        self.looks += 1
        return self.spread

    async def begin(self) -> ShardingRow:
        self.spread = replace(self.spread, epoch=self.spread.epoch + 1, drained=())
        return self.spread

    async def move(self, spread: ShardingRow) -> ShardingRow | None:
        if (spread.epoch, spread.wanted) != (self.spread.epoch, self.spread.wanted):
            return None
        self.spread = replace(self.spread, active=spread.wanted)
        return self.spread

    def wants(self, shards: int) -> None:
        self.spread = replace(self.spread, wanted=shards)

    def drains(self, *shards: int) -> None:
        self.spread = replace(self.spread, drained=shards)


@dataclass
class Settled:
    """Records what was forwarded, marked and handled; loses the broker so many ``times``."""

    queue: str = "membership.commands"
    home: str = "membership.commands"
    times: int = 0
    forwarded: list[tuple[Any, Redirect]] = field(default_factory=list)
    marks: list[Redirect] = field(default_factory=list)
    rejected: list[Any] = field(default_factory=list)
    finished: list[Any] = field(default_factory=list)

    async def forward(self, moves: list[tuple[Arrival, Redirect]]) -> None:
        self._lose()
        self.forwarded += [(arrival.raw, redirect) for arrival, redirect in moves]

    async def mark(self, marks: list[Redirect]) -> None:
        self._lose()
        self.marks += marks

    async def reject(self, *arrivals: Arrival) -> None:
        self.rejected += arrivals

    async def finish(self, *handled: tuple[Arrival, bytes | None]) -> None:
        self.finished += [arrival.raw for arrival, _ in handled]

    def _lose(self) -> None:
        if self.times:
            self.times -= 1
            raise ConnectionError("gone")


class Handling:
    """Handles whatever comes."""

    async def handle(self, admitted: list[Any], *, alone: bool) -> list[None]:
        return [None for _ in admitted]


@dataclass(frozen=True, eq=False)
class Delivered:
    """A delivered message, as far as it is looked at."""

    body: bytes
    headers: dict[str, Any] = field(default_factory=dict)
    channel: str = "first"
    exchange: str = COMMANDS
    routing_key: str = "membership.withdraw.v1"
    user_id: str | None = OUTSIDE
    content_type: str = "application/cloudevents+json"
    redelivered: bool = False


class Lost:
    """A delivered command whose channel is closed."""

    headers: ClassVar[dict[str, Any]] = {}
    body, routing_key, exchange = b"{", "membership.withdraw.v1", COMMANDS
    user_id, content_type = OUTSIDE, "application/cloudevents+json"

    @property
    def channel(self) -> object:
        raise ChannelInvalidStateError


class LostLater(Lost):
    """A delivered command whose channel is lost as soon as ``is_lost`` says so."""

    def __init__(self, is_lost: Callable[[], bool]) -> None:
        self._is_lost = is_lost

    @property
    def channel(self) -> object:
        return super().channel if self._is_lost() else "first"


def about(room: str, **fields: Any) -> Delivered:
    return Delivered(b'{"type": "practio.membership.withdraw.v1", "data": {"room_id": "%s"}}' % room.encode(), **fields)


async def runs(row: Row, settled: Settled, *deliveries: Any, by: Forwarder | None = None) -> Forwarder:
    """Let a forwarder run one batch."""
    found = by or Forwarder(
        SERVICE,
        cast(Sharding, row),
        settlement=settled,
        transaction=cast(Transaction, Handling()),
        pool=None,
        batch=100,
        gather_seconds=0.0,
    )
    arrivals = [unread(cast(Any, each), service=SERVICE.name) for each in deliveries]
    consumed = [asyncio.ensure_future(found.consume(each)) for each in arrivals]
    async with asyncio.timeout(10):
        await found.run_once()
        await asyncio.gather(*consumed)
    return found


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for pause in ("_POLL_SECONDS", "_PAUSE_SECONDS"):
        monkeypatch.setattr(forwarding, pause, 0.0)


async def test_as_long_as_there_is_one_shard_commands_are_handled_at_once() -> None:
    settled = Settled()
    await runs(Row(wanted=1, active=1), settled, commands := about(new_id()))
    assert settled.rejected or settled.finished == [commands]
    assert not settled.forwarded


async def test_commands_are_forwarded_in_order_each_to_the_shard_of_its_room_with_its_origin() -> None:
    settled, rooms = Settled(), [new_id() for _ in range(20)]
    commands = [about(rooms[number % 20]) for number in range(60)]
    await runs(Row(wanted=4, active=4), settled, *commands)
    assert [raw for raw, _ in settled.forwarded] == commands
    for raw, redirect in settled.forwarded:
        data = {"room_id": raw.body.decode().rpartition(': "')[2].removesuffix('"}}')}
        assert redirect.routing_key == f"membership.commands.shard.{shard_of(shard_key(data), 4)}"
        assert redirect.exchange == ""
        assert redirect.headers["practio-exchange"] == COMMANDS
        assert (redirect.headers["practio-account"], redirect.headers["practio-attempt"]) == (OUTSIDE, 0)


async def test_a_retried_command_keeps_its_attempt_and_its_publisher() -> None:
    ours = {
        "practio-exchange": COMMANDS,
        "practio-routing-key": "membership.withdraw.v1",
        "practio-account": OUTSIDE,
        "practio-attempt": 2,
    }
    settled = Settled()
    returned = about(new_id(), exchange="", routing_key="membership.commands", user_id=OURS, headers=ours)
    await runs(Row(wanted=2, active=2), settled, returned)
    assert settled.forwarded[0][1].headers == ours


async def test_what_cannot_be_read_is_forwarded_too_and_rejected_there() -> None:
    settled = Settled()
    await runs(Row(wanted=4, active=4), settled, Delivered(b"{"))
    assert settled.forwarded[0][1].routing_key == "membership.commands.shard.0"


@pytest.mark.parametrize("header", ["CC", "bcc"])
async def test_a_copy_is_rejected_here_since_published_again_it_would_look_like_any_other(header: str) -> None:
    settled = Settled()
    await runs(Row(wanted=4, active=4), settled, about(new_id(), headers={header: ["elsewhere"]}))
    assert len(settled.rejected) == 1
    assert not settled.forwarded


async def test_nobody_marks_a_shard_by_a_header_of_his_own() -> None:
    settled = Settled()
    await runs(Row(wanted=4, active=4), settled, about(new_id(), headers={"practio-epoch": 1}))
    assert "practio-epoch" not in settled.forwarded[0][1].headers
    outside = about(new_id(), exchange="", headers={"practio-epoch": 1})
    assert epoch_of(cast(Any, outside), service="membership") is None
    assert epoch_of(cast(Any, replace(outside, user_id=OURS)), service="membership") == 1


async def test_while_the_broker_is_away_a_batch_is_kept_and_forwarded_once_it_is_back() -> None:
    settled, commands = Settled(times=3), [about(new_id()) for _ in range(5)]
    await runs(Row(wanted=4, active=4), settled, *commands)
    assert [raw for raw, _ in settled.forwarded] == commands


async def test_what_came_through_a_lost_channel_is_let_go_of_since_the_broker_delivers_it_again() -> None:
    for shards in (1, 4):
        row, settled = Row(wanted=shards, active=shards), Settled()
        await runs(row, settled, Lost(), Lost())
        assert not row.looks
        assert not settled.forwarded + settled.rejected + settled.finished


async def test_a_batch_is_not_tried_again_once_its_channel_is_lost() -> None:
    settled = Settled(times=1)
    await runs(Row(wanted=4, active=4), settled, LostLater(lambda: not settled.times))
    assert not settled.times
    assert not settled.forwarded


async def test_the_number_is_read_once_a_second_and_whenever_messages_come_through_another_channel() -> None:
    row, settled = Row(wanted=4, active=4), Settled()
    by = await runs(row, settled, about(new_id()))
    looks, epoch = row.looks, row.spread.epoch
    await runs(row, settled, about(new_id()), by=by)
    assert (row.looks, row.spread.epoch) == (looks, epoch)
    await runs(row, settled, about(new_id(), channel="second"), by=by)
    assert (row.looks, row.spread.epoch) == (looks + 1, epoch + 1)


async def test_from_one_shard_to_several_nothing_has_to_run_dry() -> None:
    row, settled = Row(wanted=3, active=1), Settled()
    await runs(row, settled, about(new_id()))
    assert row.spread.active == 3
    assert len(settled.forwarded) == 1
    assert not settled.marks


async def test_an_instance_that_sees_another_number_wakes_the_forwarder_if_no_command_comes() -> None:
    row, settled = Row(wanted=3, active=1), Settled()
    woken = Delivered(b"", exchange="", user_id=OURS, headers=dict(wake("membership.commands").headers))
    await runs(row, settled, woken)
    assert row.spread.active == 3
    assert settled.finished == [woken]
    assert not settled.forwarded


async def test_another_number_is_taken_once_every_shard_has_come_to_its_marker() -> None:
    row, settled = Row(wanted=3, active=2), Settled()
    running = asyncio.ensure_future(runs(row, settled, about(new_id())))
    await until(lambda: len(settled.marks) == 2)
    assert [each.routing_key[-1] for each in settled.marks] == ["0", "1"]
    assert {each.headers["practio-epoch"] for each in settled.marks} == {row.spread.epoch}
    row.drains(1)
    await turns()
    assert not running.done()
    assert not settled.forwarded
    row.drains(1, 0)
    await running
    assert row.spread.active == 3
    assert len(settled.forwarded) == 1


async def test_a_forwarder_that_another_has_followed_moves_nothing() -> None:
    row, settled = Row(wanted=3, active=2), Settled()
    running = asyncio.ensure_future(runs(row, settled, about(new_id())))
    await until(lambda: len(settled.marks) == 2)
    await row.begin()  # another forwarder, which may have forwarded more since
    row.drains(0, 1)
    await until(lambda: len(settled.marks) == 4)
    assert row.spread.active == 2
    row.drains(0, 1)
    await running
    assert row.spread.active == 3


async def test_an_operator_may_change_his_mind_while_the_shards_run_dry() -> None:
    row, settled = Row(wanted=3, active=2), Settled()
    running = asyncio.ensure_future(runs(row, settled, about(new_id())))
    await until(lambda: len(settled.marks) == 2)
    row.wants(2)
    await running
    assert row.spread.active == 2
    assert len(settled.forwarded) == 1


@pytest.mark.parametrize("broker_is_away", [False, True])
async def test_a_forwarder_that_has_lost_its_queue_gives_up_its_move(broker_is_away: bool) -> None:
    row, settled, lost = Row(wanted=3, active=2), Settled(times=10**9 if broker_is_away else 0), asyncio.Event()
    running = asyncio.ensure_future(runs(row, settled, LostLater(lost.is_set)))
    await until(lambda: row.spread.epoch == 2 and (broker_is_away or settled.marks))
    lost.set()
    await running
    assert (row.spread.active, row.spread.epoch) == (2, 2)
    assert not settled.forwarded + settled.finished


async def test_commands_are_not_compared_with_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def compared(one: Arrival, other: object) -> bool:
        raise AssertionError("a batch of commands compared one with the other takes its square")

    monkeypatch.setattr(Arrival, "__eq__", compared)
    settled = Settled()
    await runs(Row(wanted=4, active=4), settled, about(new_id()), about(new_id()))
    assert len(settled.forwarded) == 2


async def until(condition: Any) -> None:
    await eventually(condition, within=10, pause=0.0)


async def turns() -> None:
    """Let everything that can go on do so."""
    for _ in range(50):
        await asyncio.sleep(0)
