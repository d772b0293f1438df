"""Several nodes of a broker behind one name: which of them a client turns to."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiormq.exceptions import AMQPConnectionError
from yarl import URL

from practio_contracts.addresses import AnyAddress, in_turn

NODES = ["10.0.0.2", "10.0.0.3", "10.0.0.4"]


class NoTls:
    """No certificate is required."""


@asynccontextmanager
async def a_listener() -> AsyncIterator[int]:
    """Yield the port of a listener on the loopback address that accepts connections and closes them."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def opens(addresses: AnyAddress, url: str) -> Any:
    return await addresses.create(URL(url), ssl_context_provider=NoTls())


def test_every_address_is_tried_and_the_previous_one_last() -> None:
    for last in NODES:
        order = in_turn([*NODES, *NODES], last=last)
        assert sorted(order) == NODES
        assert order[-1] == last


def test_the_first_connection_tries_the_addresses_in_any_order() -> None:
    assert {in_turn(NODES, last=None)[0] for _ in range(1000)} == set(NODES)


async def test_the_only_address_is_tried_again() -> None:
    addresses = AnyAddress()
    async with a_listener() as port:
        for _ in range(2):
            _, writer = await opens(addresses, f"amqp://127.0.0.1:{port}")
            assert writer.get_extra_info("peername") == ("127.0.0.1", port)
            writer.close()


async def test_an_unreachable_address_gives_no_connection() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(AMQPConnectionError):
            await opens(AnyAddress(), f"amqp://127.0.0.1:{taken.getsockname()[1]}")


async def test_a_name_without_addresses_gives_no_connection() -> None:
    with pytest.raises(AMQPConnectionError):
        await opens(AnyAddress(), "amqp://nobody.invalid:5672")
