"""The rates at which links may be requested: by one client, for one address, on the whole site; counted in memory."""

from datetime import UTC, datetime
from hashlib import blake2b
from ipaddress import ip_address, ip_network
from secrets import token_bytes
from typing import Annotated

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from pydantic import AfterValidator

IPV6_CLIENT = 64
"""The bits of an IPv6 address that identify a client, which usually controls all addresses below them (RFC 6177)."""


def _rate(text: str) -> str:
    try:
        parse(text)
    except ValueError:
        raise ValueError("write it as 20 per hour: a number, per, and second, minute, hour or day") from None
    return text


Rate = Annotated[str, AfterValidator(_rate)]
"""A number per period, such as ``10 per hour``."""


class Meter:
    """Counts requests in moving windows; addresses are kept as keyed hashes only."""

    def __init__(self, *, client: Rate = "20 per hour", address: Rate = "3 per hour", site: Rate = "600 per hour"):
        self._client, self._address, self._site = parse(client), parse(address), parse(site)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._key = token_bytes(32)

    async def count(self, *, client: str, address: str) -> datetime | None:
        """Count one request; if it exceeds a rate, return the instant (UTC) from which it would not."""
        limits = (self._client, "client", _network(client)), (self._address, "address", self._hashed(address))
        for rate, *names in (*limits, (self._site, "site")):
            if not await self._limiter.hit(rate, *names):
                window = await self._limiter.get_window_stats(rate, *names)
                return datetime.fromtimestamp(window.reset_time, UTC)
        return None

    def _hashed(self, address: str) -> str:
        return blake2b(address.casefold().encode(), key=self._key, digest_size=16).hexdigest()


def _network(client: str) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if address.version == 6:
        return str(address.ipv4_mapped or ip_network((int(address), IPV6_CLIENT), strict=False))
    return str(address)
