"""Where events may be posted: to public addresses, and to private networks that an operator allowed.

The address that is checked is the one that is connected to, so that a name cannot lead elsewhere in between.
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore

from practio_gateway.hooks.hook import Network

_TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))
"""Networks whose addresses stand for IPv4 addresses, private ones among them (RFC 6052, 3056, 4380)."""

_SECONDS = 5.0
_LOOKUPS_AT_ONCE = 2


class AddressRefusedError(httpcore.ConnectError):
    """Every address of a receiver is in a network that was not allowed."""


def may_be_posted_to(address: str, allowed: Iterable[Network]) -> bool:
    """Return whether an address is public, or in a network that was allowed."""
    found = _plain(ip_address(address.partition("%")[0]))
    if any(found in network for network in allowed):
        return True
    return found.is_global and not found.is_multicast and not any(found in network for network in _TRANSLATED)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to addresses that may be posted to, and to no other."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = tuple(allowed)
        self._resolving = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, thread_name_prefix="resolving")
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that may be posted to and accepts; raise AddressRefusedError if none may be."""
        found = [each for each in await self._addresses(host, port) if may_be_posted_to(each, self._allowed)]
        if not found:
            raise AddressRefusedError("the receiver's address is not public, and its network was not allowed")
        for address in found[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(found[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name; a resolver that is slow occupies threads of this receiver alone."""
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            async with asyncio.timeout(_SECONDS):
                found = await asyncio.get_running_loop().run_in_executor(self._resolving, look_up)
        except OSError as error:  # a timeout is one
            raise httpcore.ConnectError(f"the receiver's name has no address: {type(error).__name__}") from error
        return list(dict.fromkeys(str(place[0]) for *_, place in found))
