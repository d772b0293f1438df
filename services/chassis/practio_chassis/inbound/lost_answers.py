"""How often the answer to a message was lost on its way, as this process saw it."""

from hashlib import sha256

from practio_chassis.inbound.arrival import Arrival

_ATTEMPTS = 3
"""How often an answer is sent to an address at which the connection is lost, before it is dropped."""

_MOST = 1_000
"""How many messages are kept in mind: of more, those whose answer was lost longest ago are forgotten."""

_Key = tuple[str | None, str | None, bytes]


class LostAnswers:
    """Counts the lost answers of each message, not its deliveries: those have other causes too.

    A message that is delivered again is known by its publisher, the address of its answer, and its text with the id.
    """

    def __init__(self) -> None:
        self._times: dict[_Key, int] = {}

    def note_lost(self, arrival: Arrival) -> bool:
        """Count a lost answer; return whether it was the last attempt."""
        key = _key_of(arrival)
        times = self._times.pop(key, 0) + 1
        if times >= _ATTEMPTS:
            return True
        self._times[key] = times
        if len(self._times) > _MOST:
            del self._times[next(iter(self._times))]
        return False

    def note_sent(self, arrival: Arrival) -> None:
        """Forget a message whose answer has arrived."""
        if self._times:
            self._times.pop(_key_of(arrival), None)


def _key_of(arrival: Arrival) -> _Key:
    return arrival.origin.account, arrival.raw.reply_to, sha256(arrival.body).digest()
