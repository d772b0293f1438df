import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.campaign.connection_proxy import ConnectionProxy

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped

SHORT = 0.2


async def test_bytes_pass_in_both_directions() -> None:
    async with a_proxy() as proxy, a_connection(proxy) as (reader, writer):
        assert await echoed(reader, writer, b"one") == b"one"


async def test_in_a_black_hole_nothing_passes_and_all_of_it_arrives_once_it_is_over() -> None:
    async with a_proxy() as proxy, a_connection(proxy) as (reader, writer):
        assert await echoed(reader, writer, b"one") == b"one"
        proxy.black_hole()
        writer.write(b"two")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(3), SHORT)
        proxy.heal()
        assert await reader.readexactly(3) == b"two"


async def test_a_black_hole_lets_no_end_of_a_connection_pass_either() -> None:
    async with an_echo() as (url, ends), ConnectionProxy.to(url) as proxy:
        async with a_connection(proxy) as (reader, writer):
            assert await echoed(reader, writer, b"one") == b"one"
            proxy.black_hole()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ends.wait(), SHORT)
        proxy.heal()
        await asyncio.wait_for(ends.wait(), 10)


async def test_a_cut_ends_what_is_open_and_the_next_connection_holds() -> None:
    async with a_proxy() as proxy:
        async with a_connection(proxy) as (reader, writer):
            assert await echoed(reader, writer, b"one") == b"one"
            proxy.cut()
            with pytest.raises(OSError, match="reset"):
                await reader.readexactly(1)
        async with a_connection(proxy) as (reader, writer):
            assert await echoed(reader, writer, b"two") == b"two"


async def test_a_slow_wire_passes_everything_in_order() -> None:
    async with a_proxy() as proxy, a_connection(proxy) as (reader, writer):
        proxy.slow = True
        assert await echoed(reader, writer, b"one") == b"one"


def test_a_url_through_the_wire_keeps_account_password_and_path() -> None:
    proxy = ConnectionProxy("amqp://127.0.0.1:5672/practio")
    assert proxy.through("amqp://a:b%2Fc@127.0.0.1:5672/practio").startswith("amqp://a:b%2Fc@127.0.0.1")
    assert proxy.through("amqp://a:b%2Fc@127.0.0.1:5672/practio").endswith("/practio")


@asynccontextmanager
async def a_proxy() -> AsyncIterator[ConnectionProxy]:
    async with an_echo() as (url, _), ConnectionProxy.to(url) as proxy:
        yield proxy


@asynccontextmanager
async def an_echo() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Run a server that sends back what it gets; the event is set once a connection has ended."""
    ends = asyncio.Event()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while sent := await reader.read(100):
            writer.write(sent)
        writer.close()
        ends.set()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", ends


@asynccontextmanager
async def a_connection(proxy: ConnectionProxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy._port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def echoed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> bytes:
    writer.write(sent)
    return await asyncio.wait_for(reader.readexactly(len(sent)), 10)
