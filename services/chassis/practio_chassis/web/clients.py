"""Who calls over HTTP: the rates at which a client may, its network, and the proxies that state its address."""

from functools import cache
from ipaddress import ip_address, ip_network
from typing import Annotated

from limits import parse
from pydantic import AfterValidator

from practio_chassis.web.moving_window import MovingWindow

IPV6_CLIENT = 64
"""The bits of an IPv6 address that identify a client, which usually controls all addresses below them (RFC 6177)."""


def _networks(text: str) -> str:
    """Check each network: an invalid one would match no proxy, and all readers behind it would count as one client."""
    try:
        for each in text.split(","):
            ip_network(each.strip())
    except ValueError:
        raise ValueError("use addresses or networks, separated by commas, such as 127.0.0.1,172.16.0.0/12") from None
    return text


def _rate(text: str) -> str:
    try:
        parse(text)
    except ValueError:
        raise ValueError("write it as 20 per hour: a number, per, and second, minute, hour or day") from None
    return text


Proxies = Annotated[str, AfterValidator(_networks)]
"""The addresses or networks of the proxies in front of a process, separated by commas."""

Rate = Annotated[str, AfterValidator(_rate)]
"""A number per period, such as ``10 per hour``."""


def window_of(rate: Rate) -> MovingWindow:
    """Return a window that counts at this rate."""
    amount, seconds = _read(rate)
    return MovingWindow(amount, seconds)


@cache
def _read(rate: str) -> tuple[int, int]:
    """Return how many may be counted in how many seconds."""
    parsed = parse(rate)
    return parsed.amount, parsed.get_expiry()


def network_of(client: str) -> str:
    """Return what identifies a client by its address: the address, or the network of an IPv6 address."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if address.version == 6:
        return str(address.ipv4_mapped or ip_network((int(address), IPV6_CLIENT), strict=False))
    return str(address)
