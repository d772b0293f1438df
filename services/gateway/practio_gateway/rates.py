"""How often, and how much at once, a client and an account may call; counted in memory, for one process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from practio_chassis.clients import Rate, network_of, window_of
from practio_chassis.moving_window import MovingWindow
from practio_gateway.faults import Fault, too_many

MOST_IN_HAND = 400
"""The requests that are in hand at most: with messages of the largest size, 100 MiB."""

BUSY = Fault(
    status=503,
    code="busy",
    detail="The gateway has as many requests in hand as it can, and nothing was sent: send it again.",
    headers={"retry-after": "1"},
)


class Meter:
    """Counts the requests of clients and accounts, and the passwords that a client tried in vain."""

    def __init__(self, *, client: Rate, account: Rate, failures: Rate, at_once: int, most: int = MOST_IN_HAND) -> None:
        self._client, self._account, self._failures = map(window_of, (client, account, failures))
        self._at_once, self._most = at_once, most
        self._in_hand: Counter[str] = Counter()
        self._total = 0

    def count_client(self, address: str) -> Fault | None:
        """Count a request of a client, unless it has made too many."""
        if wait := _counted(self._client, network_of(address)):
            return too_many(wait=wait, of="from your address")
        return None

    def count_account(self, account: str) -> Fault | None:
        """Count a request of an account whose password was right, unless it has made too many."""
        if wait := _counted(self._account, account):
            return too_many(wait=wait, of=f"of the account {account}")
        return None

    def may_try(self, address: str) -> Fault | None:
        """Return why a client may not try a password now, if it has tried too many wrong ones."""
        if wait := self._failures.wait(network_of(address), monotonic()):
            return too_many(wait=wait, of="with a wrong password")
        return None

    def count_failure(self, address: str) -> None:
        """Count a wrong password of a client."""
        _counted(self._failures, network_of(address))

    @contextmanager
    def room_for(self, account: str) -> Iterator[Fault | None]:
        """Hold a place among the requests in hand; yield the fault if there is none."""
        if self._total >= self._most:
            yield BUSY
            return
        if self._in_hand[account] >= self._at_once:
            yield too_many(wait=0, of=f"of the account {account} at once")
            return
        self._total += 1
        self._in_hand[account] += 1
        try:
            yield None
        finally:
            self._total -= 1
            self._in_hand[account] -= 1
            if not self._in_hand[account]:
                del self._in_hand[account]


def _counted(window: MovingWindow, key: str) -> float:
    now = monotonic()
    if wait := window.wait(key, now):
        return wait
    window.count(key, now)
    return 0.0
