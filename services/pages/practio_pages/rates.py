"""The rates at which links may be requested, people invited, feeds read and codes verified; counted in memory."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from secrets import token_bytes
from time import monotonic
from uuid import UUID

from practio_chassis.web.clients import Rate, network_of, window_of
from practio_chassis.web.moving_window import MovingWindow
from practio_contracts.mail_addresses import address_key


class Meter:
    """Counts requests in moving windows; addresses are kept as keyed hashes only.

    ``code``: how often one client may request a link behind the code of one session. A whole room that scans it is one
    client, behind the address of its network. ``reading``: how often one client may read feeds;
    ``verify``: verify codes of certificates; ``inviting``: invite addresses.
    """

    def __init__(
        self,
        *,
        client: Rate = "20 per hour",
        address: Rate = "3 per hour",
        site: Rate = "600 per hour",
        code: Rate = "100 per hour",
        reading: Rate = "240 per hour",
        verify: Rate = "60 per hour",
        inviting: Rate = "200 per hour",
    ):
        self._client, self._address, self._site = (window_of(rate) for rate in (client, address, site))
        self._code, self._reading = window_of(code), window_of(reading)
        self._verify, self._inviting = window_of(verify), window_of(inviting)
        self._key = token_bytes(32)

    def count(self, *, client: str, address: str, session_id: UUID | None = None) -> datetime | None:
        """Count one request; if it exceeds a rate, count nothing and return when it may be made (UTC).

        ``session_id``: the session behind whose valid code the request is made.
        """
        now, network = monotonic(), network_of(client)
        behind = (self._code, f"{network} {session_id}") if session_id else (self._client, network)
        windows = behind, (self._address, self._hashed(address)), (self._site, "site")
        if wait := max(window.wait(key, now) for window, key in windows):
            return datetime.now(UTC) + timedelta(seconds=wait)
        for window, key in windows:
            window.count(key, now)
        return None

    def count_reading(self, client: str) -> datetime | None:
        """Count one reading of a feed; if there were too many, count nothing and return when it may be read (UTC)."""
        return _counted(self._reading, client)

    def count_code(self, *, client: str) -> datetime | None:
        """Count that a client verifies a code; if it exceeds the rate, count nothing and return when it may (UTC)."""
        return _counted(self._verify, client)

    def count_invited(self, *, client: str) -> datetime | None:
        """Count that a client invites an address; if there were too many, return when it may be invited (UTC)."""
        return _counted(self._inviting, client)

    def _hashed(self, address: str) -> str:
        return blake2b(address_key(address).encode(), key=self._key, digest_size=16).hexdigest()


def _counted(window: MovingWindow, client: str) -> datetime | None:
    """Count one request of a client; if it exceeds the rate, count nothing and return when it may be made (UTC)."""
    wait = window.take(network_of(client), monotonic())
    return datetime.now(UTC) + timedelta(seconds=wait) if wait else None
