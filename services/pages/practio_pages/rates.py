"""The rates at which links may be requested: by one client, for one address, on the whole site; counted in memory."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from ipaddress import ip_address, ip_network
from secrets import token_bytes
from time import monotonic
from typing import Annotated
from uuid import UUID

from limits import parse
from pydantic import AfterValidator

from practio_contracts.mail_addresses import address_key
from practio_pages.moving_window import MovingWindow

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
    """Counts requests in moving windows; addresses are kept as keyed hashes only.

    ``code``: how often one client may request a link behind the code of one session. A whole room that scans it is one
    client, behind the address of its network. ``reading``: how often one client may read feeds.
    """

    def __init__(
        self,
        *,
        client: Rate = "20 per hour",
        address: Rate = "3 per hour",
        site: Rate = "600 per hour",
        code: Rate = "100 per hour",
        reading: Rate = "240 per hour",
    ):
        self._client, self._address, self._site = (_window(rate) for rate in (client, address, site))
        self._code, self._reading = _window(code), _window(reading)
        self._key = token_bytes(32)

    def count(self, *, client: str, address: str, session_id: UUID | None = None) -> datetime | None:
        """Count one request; if it exceeds a rate, count nothing and return when it may be made (UTC).

        ``session_id``: the session behind whose valid code the request is made.
        """
        now, network = monotonic(), _network(client)
        behind = (self._code, f"{network} {session_id}") if session_id else (self._client, network)
        windows = behind, (self._address, self._hashed(address)), (self._site, "site")
        if wait := max(window.wait(key, now) for window, key in windows):
            return datetime.now(UTC) + timedelta(seconds=wait)
        for window, key in windows:
            window.count(key, now)
        return None

    def count_reading(self, client: str) -> datetime | None:
        """Count one reading of a feed; if there were too many, count nothing and return when it may be read (UTC)."""
        now, network = monotonic(), _network(client)
        if wait := self._reading.wait(network, now):
            return datetime.now(UTC) + timedelta(seconds=wait)
        self._reading.count(network, now)
        return None

    def _hashed(self, address: str) -> str:
        return blake2b(address_key(address).encode(), key=self._key, digest_size=16).hexdigest()


def _window(rate: Rate) -> MovingWindow:
    parsed = parse(rate)
    return MovingWindow(parsed.amount, parsed.get_expiry())


def _network(client: str) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if address.version == 6:
        return str(address.ipv4_mapped or ip_network((int(address), IPV6_CLIENT), strict=False))
    return str(address)
