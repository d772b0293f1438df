"""How often, and how much at once, a client and an account may call; counted in memory, for one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from practio_chassis.web.clients import Rate, network_of, window_of
from practio_gateway.faults import HttpFault, too_many
from practio_gateway.slots import Slots

MOST_IN_HAND = 400
"""The requests that are in hand at most: with messages of the largest size, 100 MiB."""

MOST_TRIALS = 10
"""The passwords of one client that are tried at once."""

BUSY = HttpFault(
    status=503,
    code="busy",
    detail="The gateway has as many requests in hand as it can, and nothing was sent: send it again.",
    headers={"retry-after": "1"},
)


@dataclass(slots=True)
class Trial:
    """A password that is tried, unless there is a ``fault``; it counts as wrong until it is known not to be."""

    fault: HttpFault | None = None
    is_wrong: bool = True


class RequestMeter:
    """Counts the requests of clients and accounts, and the passwords that a client tried in vain.

    Nothing counts against an account before its password is proven: anybody can write its name.
    """

    def __init__(self, *, client: Rate, account: Rate, failures: Rate, at_once: int, most: int = MOST_IN_HAND) -> None:
        self._client, self._account, self._failures = map(window_of, (client, account, failures))
        self._in_hand = Slots(each=at_once, most=most)
        self._unproven = Slots(each=at_once, most=most)
        self._trials = Slots(each=MOST_TRIALS, most=most)

    def count_client(self, address: str) -> HttpFault | None:
        """Count a request of a client, unless it has made too many."""
        if wait := self._client.take(network_of(address), monotonic()):
            return too_many(wait=wait, of="from your address")
        return None

    def count_account(self, account: str) -> HttpFault | None:
        """Count a request of an account whose password was right, unless it has made too many."""
        if wait := self._account.take(account, monotonic()):
            return too_many(wait=wait, of=f"of the account {account}")
        return None

    @contextmanager
    def room_to_wait(self, address: str) -> Iterator[HttpFault | None]:
        """Hold a slot among the requests whose login is not proven yet; yield the fault if there is none."""
        network = network_of(address)
        if fault := _no_room(self._unproven, network, of="from your address"):
            yield fault
            return
        with self._unproven.hold(network):
            yield None

    @contextmanager
    def trial(self, address: str) -> Iterator["Trial"]:
        """Count a wrong password of a client before it is tried, so that as few can be tried at once as one by one.

        The count is given back unless the password was wrong.
        """
        network, now = network_of(address), monotonic()
        if fault := self._may_try(network, now):
            yield Trial(fault)
            return
        self._failures.count(network, now)
        trial = Trial()
        try:
            with self._trials.hold(network):
                yield trial
        finally:
            if not trial.is_wrong:
                self._failures.take_back(network, now)

    def _may_try(self, network: str, now: float) -> HttpFault | None:
        if wait := self._failures.wait(network, now):
            is_soon_known = self._trials.is_any_held_of(network)
            return too_many(wait=0 if is_soon_known else wait, of="with a wrong password")
        return _no_room(self._trials, network, of="with passwords that are not known yet")

    @contextmanager
    def room_for(self, account: str) -> Iterator[HttpFault | None]:
        """Hold a slot among the requests in hand; yield the fault if there is none."""
        if fault := _no_room(self._in_hand, account, of=f"of the account {account}"):
            yield fault
            return
        with self._in_hand.hold(account):
            yield None


def _no_room(slots: Slots, key: str, *, of: str) -> HttpFault | None:
    if slots.are_all_held:
        return BUSY
    return too_many(wait=0, of=f"{of} at once") if slots.are_held_of(key) else None
