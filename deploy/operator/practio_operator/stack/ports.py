"""Free ports."""

import random
import socket
from collections.abc import Iterator
from contextlib import closing

# Below the range from which systems take ports for outgoing connections (32768 on Linux, 49152 elsewhere), so that
# no port is lost to a passing connection while its server restarts.
FIRST, LAST = 20_000, 32_000

_given: dict[int, None] = {}
"""The ports that were returned before, longest ago first: a server that stopped may be about to start again."""


def free_ports(count: int) -> list[int]:
    """Return this number of different ports on which a server of this machine can listen now.

    None was returned to this process before, as long as there are others.
    """
    candidates = (port for port in _candidates() if is_free(port))
    found = [next(candidates) for _ in range(count)]
    for port in found:
        _given.pop(port, None)
        _given[port] = None
    return found


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of the loopback address."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _candidates() -> Iterator[int]:
    yield from (port for port in random.sample(range(FIRST, LAST), LAST - FIRST) if port not in _given)
    yield from list(_given)
