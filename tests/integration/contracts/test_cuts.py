"""A connection that is cut while it is made or spoken on, wherever that is, is made again; one not had is one error."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest
import uvloop
from tests.integration.contracts.switchboard import Switchboard, an_echo
from tests.integration.contracts.test_client import ADA, a_command
from tests.support.faults.fault_proxy import Cutting

from practio_contracts.client import Client, UnreachableError

pytestmark = pytest.mark.thorough

SOURCE = "urn:example:intranet"
EVERY = 19
"""Bytes from one cut to the next; the shortest frame has eight."""

# Outside systems choose theirs, and an end before the first byte shows at another place in each of them.
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}

Scene = Callable[[Callable[[int], Coroutine[None, None, None]]], Coroutine[None, None, None]]
"""What a client does, given what cuts its connections."""


async def play(scene: Scene, loop: str, way: Cutting) -> None:
    """Play a scene in a thread and a loop of its own: the broker's end does not wait for the client's."""
    here = asyncio.get_running_loop()

    async def cut_here(after: int) -> None:
        way.cut(after=after)

    async def cut(after: int) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(cut_here(after), here))

    def there() -> None:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(scene(cut))

    await asyncio.to_thread(there)


@pytest.mark.parametrize("loop", LOOPS)
async def test_a_connection_cut_anywhere_is_made_again_and_loses_no_command(board: Switchboard, loop: str) -> None:
    async with an_echo(board), Cutting.to(board.outside_url) as way:

        async def scene(cut: Callable[[int], Coroutine[None, None, None]]) -> None:
            async with Client.connect(way.url, source=SOURCE) as client:
                await client.send(a_command(), actor=ADA)
                for after in range(0, way.said, EVERY):
                    await cut(after)
                    await client.send(a_command(), actor=ADA, within=15)
                    assert way.holds, f"the connection was not cut after {after} bytes"

        await play(scene, loop, way)


@pytest.mark.parametrize("loop", LOOPS)
async def test_a_port_behind_which_nobody_listens_is_one_error(board: Switchboard, loop: str) -> None:
    async with Cutting.to(board.outside_url) as way:

        async def scene(cut: Callable[[int], Coroutine[None, None, None]]) -> None:
            for _ in range(20):
                await cut(0)
                with pytest.raises(UnreachableError, match=r"the broker at 127\.0\.0\.1:\d+ cannot be reached: "):
                    async with Client.connect(way.url, source=SOURCE):
                        pass

        await play(scene, loop, way)
