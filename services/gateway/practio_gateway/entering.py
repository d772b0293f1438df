"""Who is let in: a login is proven before its request is read, or counts against its account."""

import asyncio

from practio_chassis.telemetry.log import logger
from practio_gateway.connections import AccountConnections
from practio_gateway.faults import WRONG_LOGIN, HttpFault
from practio_gateway.login import Login
from practio_gateway.rates import RequestMeter
from practio_gateway.sending import login_fault

_LOGIN_SECONDS = 10.0
_log = logger(__name__)


class Entrance:
    """Tries logins on the broker, each once for all requests of a client that wait for it."""

    def __init__(self, connections: AccountConnections, meter: RequestMeter) -> None:
        self._connections, self._meter = connections, meter
        self._trials: dict[tuple[str, Login], asyncio.Task[HttpFault | None]] = {}

    async def fault(self, login: Login, client: str) -> HttpFault | None:
        """Return why an account is not let in; a wrong password is counted, and too many are tried no more."""
        if self._connections.knows(login):
            return None
        with self._meter.room_to_wait(client) as fault:
            return fault or await asyncio.shield(self._trial(login, client))

    def _trial(self, login: Login, client: str) -> asyncio.Task[HttpFault | None]:
        key = client, login
        if key not in self._trials:
            self._trials[key] = asyncio.create_task(self._tried(login, client))
            self._trials[key].add_done_callback(lambda _: self._trials.pop(key))
        return self._trials[key]

    async def _tried(self, login: Login, client: str) -> HttpFault | None:
        with self._meter.trial(client) as trial:
            if trial.fault:
                return trial.fault
            fault = await login_fault(self._connections, login, within=_LOGIN_SECONDS)
            trial.is_wrong = fault is WRONG_LOGIN
        if trial.is_wrong:
            _log.warning("login refused")
        return fault
