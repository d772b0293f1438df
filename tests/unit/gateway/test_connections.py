"""Connections are retired once, even if something else retires or replaces them meanwhile, or one raises."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import cast

import pytest
from tests.support.eventually import eventually

from practio_chassis.process import loops
from practio_contracts.connection import RpcConnection
from practio_gateway import connections as module
from practio_gateway.connections import AccountConnections, _Connection
from practio_gateway.login import Login


class Up:
    """A connection that is up."""

    is_up = True


class Opened(AccountConnections):
    """Connections to no broker, which count those that are closed; closing one waits for ``go_on``."""

    def __init__(self, clock: list[float]) -> None:
        super().__init__("amqp://unused", most=10, now=lambda: clock[0])
        self.closing, self.go_on = 0, asyncio.Event()
        self.errors: list[Exception] = []

    async def use(self, account: str) -> None:
        """Use the connection of an account."""
        async with self.connection_of(Login(account, "secret")):
            pass

    async def _opened(self, _login: Login) -> _Connection:
        stack = AsyncExitStack()
        stack.push_async_callback(self._end)
        self._count(+1)
        return _Connection(cast(RpcConnection, Up()), stack, opened_at=self._now(), used_at=self._now())

    async def _end(self) -> None:
        self.closing += 1
        await self.go_on.wait()
        if self.errors:
            raise self.errors.pop()


async def test_a_connection_that_is_replaced_while_others_are_closed_is_left_alone() -> None:
    clock = [0.0]
    connections = Opened(clock)
    for account in ("a", "b"):
        await connections.use(account)
    clock[0] = 301.0
    sweeping = asyncio.create_task(connections.close_idle())
    using = asyncio.create_task(connections.use("b"))
    await eventually(lambda: connections.closing == 2)
    connections.go_on.set()
    await asyncio.gather(sweeping, using)
    assert (connections.closing, len(connections), connections.knows(Login("b", "secret"))) == (2, 1, True)


async def test_a_connection_that_is_closed_meanwhile_ends_no_sweep() -> None:
    clock = [0.0]
    connections = Opened(clock)
    for account in ("a", "b"):
        await connections.use(account)
    clock[0] = 61.0
    sweeps = [asyncio.create_task(connections.close_idle()) for _ in range(2)]
    await eventually(lambda: connections.closing == 2)
    connections.go_on.set()
    await asyncio.gather(*sweeps)
    assert (connections.closing, len(connections)) == (2, 0)


async def test_a_connection_that_cannot_be_closed_ends_no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SWEEP_SECONDS", 0.001)
    monkeypatch.setattr(loops, "_FIRST_PAUSE", 0.001)
    clock = [0.0]
    connections = Opened(clock)
    connections.go_on.set()
    connections.errors.append(OSError("the broker is gone"))
    await connections.use("a")
    clock[0] = 61.0
    sweeping = asyncio.create_task(connections.sweep())
    await eventually(lambda: connections.closing == 1)
    await connections.use("b")
    clock[0] = 122.0
    await eventually(lambda: connections.closing == 2)
    sweeping.cancel()
    with suppress(asyncio.CancelledError):
        await sweeping


async def test_at_the_end_all_are_closed_even_if_one_cannot_be() -> None:
    connections = Opened([0.0])
    connections.go_on.set()
    connections.errors.append(OSError("the broker is gone"))
    for account in ("a", "b"):
        await connections.use(account)
    sweeping = asyncio.create_task(connections.sweep())
    await asyncio.sleep(0)
    sweeping.cancel()
    with pytest.raises(OSError, match="gone"):
        await sweeping
    assert (connections.closing, len(connections)) == (2, 0)
