"""Free ports."""

import random
import socket
from collections.abc import Iterator
from contextlib import closing

# Below the range from which systems take ports for outgoing connections (32768 on Linux, 49152 elsewhere), so that
# no port is lost to a passing connection while its server restarts.
FIRST, LAST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """Return this number of different ports on which a server of this machine can listen now."""
    candidates = (port for port in _shuffled() if is_free(port))
    return [next(candidates) for _ in range(count)]


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of the loopback address."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _shuffled() -> Iterator[int]:
    yield from random.sample(range(FIRST, LAST), LAST - FIRST)
