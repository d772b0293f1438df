"""What a hook is: an account of the broker, an address that takes its events, and how patient it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One hook; times in seconds.

    ``secrets`` sign, the newest first: two while a receiver changes them. ``allowed`` are private networks in which the
    receiver may be. ``authority`` is a file with the receiver's own certificate authority. An event is tried for
    ``patience``; ``in_hand`` bounds the events that wait in memory, ``at_once`` the requests.
    """

    name: str
    url: str
    broker_url: str = field(repr=False)
    secrets: Sequence[str] = field(repr=False)
    allowed: Sequence[Network] = ()
    authority: Path | None = None
    patience: float = 12 * 3600.0
    longest_pause: float = 300.0
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    whole_seconds: float = 20.0
    at_once: int = 8
    in_hand: int = 200
