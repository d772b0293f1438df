"""A connection that is cut while it is made or spoken on, wherever that is, is made again; one not had is one error."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest
import uvloop
from tests.integration.contracts.test_client import ADA, a_command
from tests.integration.contracts.vhost import ContractVhost, an_echo
from tests.support.faults.fault_proxy import FaultProxy

from practio_contracts.client import Client, UnreachableError

pytestmark = pytest.mark.thorough

SOURCE = "urn:example:intranet"
EVERY = 19
"""Bytes from one cut to the next; the shortest frame has eight."""

# Outside systems choose theirs, and an end before the first byte shows at another place in each of them.
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}

Scene = Callable[[Callable[[int], Coroutine[None, None, None]]], Coroutine[None, None, None]]
"""The actions of a client, given the function that cuts its connections."""


async def play(scene: Scene, loop: str, proxy: FaultProxy) -> None:
    """Play a scene in a thread and a loop of its own: the broker's end does not wait for the client's."""
    here = asyncio.get_running_loop()

    async def cut_here(after: int) -> None:
        proxy.cut(after=after)

    async def cut(after: int) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(cut_here(after), here))

    def there() -> None:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(scene(cut))

    await asyncio.to_thread(there)


@pytest.mark.parametrize("loop", LOOPS)
async def test_a_connection_cut_anywhere_is_reopened_and_loses_no_command(vhost: ContractVhost, loop: str) -> None:
    async with an_echo(vhost), FaultProxy.to(vhost.outside_url) as proxy:

        async def scene(cut: Callable[[int], Coroutine[None, None, None]]) -> None:
            async with Client.connect(proxy.url, source=SOURCE) as client:
                await client.send(a_command(), actor=ADA)
                for after in range(0, proxy.passed_bytes, EVERY):
                    await cut(after)
                    await client.send(a_command(), actor=ADA, within=15)
                    assert proxy.holds, f"the connection was not cut after {after} bytes"

        await play(scene, loop, proxy)


@pytest.mark.parametrize("loop", LOOPS)
async def test_a_port_without_a_listener_is_one_error(vhost: ContractVhost, loop: str) -> None:
    async with FaultProxy.to(vhost.outside_url) as proxy:

        async def scene(cut: Callable[[int], Coroutine[None, None, None]]) -> None:
            for _ in range(20):
                await cut(0)
                with pytest.raises(UnreachableError, match=r"the broker at 127\.0\.0\.1:\d+ cannot be reached: "):
                    async with Client.connect(proxy.url, source=SOURCE):
                        pass

        await play(scene, loop, proxy)
