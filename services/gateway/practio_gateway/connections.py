"""Connections to the broker, each as the account that calls: shared by its requests, bounded, closed when idle.

The broker alone judges passwords and rights. A password is kept only in the connection that was opened with it.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from secrets import token_bytes
from time import monotonic
from weakref import WeakValueDictionary

from aiormq.exceptions import AuthenticationError, ProbableAuthenticationError
from prometheus_client import Gauge
from yarl import URL

from practio_chassis.process.loops import Loops
from practio_chassis.telemetry.log import logger
from practio_contracts.connection import ClientError, RpcConnection, UnreachableError
from practio_gateway.login import Login

CONNECTIONS = Gauge("practio_gateway_connections", "Connections to the broker that the gateway holds")

IDLE_SECONDS = 60.0
AGE_SECONDS = 300.0
"""A connection is opened again after this time, so that a password that was changed works no longer than this."""

_SWEEP_SECONDS = 5.0
_NO_ACCESS = 530
_log = logger(__name__)


class LoginRefusedError(ClientError):
    """The broker refuses the account, its password, or its access to Practio."""


class TooManyConnectionsError(ClientError):
    """As many accounts as the gateway serves at once use it now."""


@dataclass(eq=False, slots=True)
class _Connection:
    rpc: RpcConnection
    stack: AsyncExitStack
    opened_at: float
    used_at: float
    users: int = 0
    is_retired: bool = False


class AccountConnections:
    """The connections of all accounts, at most ``most``; ``broker_url`` has no login."""

    def __init__(
        self,
        broker_url: str,
        *,
        most: int,
        idle: float = IDLE_SECONDS,
        age: float = AGE_SECONDS,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._url = URL(broker_url)
        self._most, self._idle, self._age, self._now = most, idle, age, now
        self._key = token_bytes(32)
        self._connections: dict[bytes, _Connection] = {}
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()
        self._open = 0

    def __len__(self) -> int:
        """Return how many connections are open, or being opened."""
        return self._open

    def knows(self, login: Login) -> bool:
        """Return whether a connection with this account and password is open."""
        connection = self._connections.get(self._key_of(login))
        return connection is not None and self._is_good(connection)

    @asynccontextmanager
    async def connection_of(self, login: Login) -> AsyncIterator[RpcConnection]:
        """Yield the connection of an account, opened if there is none.

        Raise LoginRefusedError, UnreachableError or TooManyConnectionsError.
        """
        key = self._key_of(login)
        async with self._locks.setdefault(key, asyncio.Lock()):
            connection = self._connections.get(key)
            if connection is not None and not self._is_good(connection):
                await self._retire(key, connection)
                connection = None
            if connection is None:
                connection = self._connections[key] = await self._opened(login)
            connection.users += 1
        try:
            yield connection.rpc
        finally:
            connection.users -= 1
            connection.used_at = self._now()
            if connection.is_retired and not connection.users:
                await self._close(connection)

    async def sweep(self) -> None:
        """Close connections that nobody uses, until cancelled; then close all of them, whatever one of them raises."""
        try:
            await Loops().run("idle connections", self.close_idle, every=_SWEEP_SECONDS)
        finally:
            async with AsyncExitStack() as all_of_them:
                for key, connection in self._connections.items():
                    all_of_them.push_async_callback(self._retire, key, connection)

    async def close_idle(self) -> None:
        """Close the connections that nobody has used for a while."""
        late = self._now() - self._idle
        for key, connection in list(self._connections.items()):
            if not connection.users and (connection.used_at <= late or not self._is_good(connection)):
                await self._retire(key, connection)

    def _key_of(self, login: Login) -> bytes:
        return hmac.digest(self._key, f"{login.account}:{login.password}".encode(), "sha256")

    def _is_good(self, connection: _Connection) -> bool:
        return connection.rpc.is_up and self._now() - connection.opened_at < self._age

    async def _opened(self, login: Login) -> _Connection:
        await self._make_room()
        self._count(+1)
        stack = AsyncExitStack()
        url = str(self._url.with_user(login.account).with_password(login.password))
        try:
            rpc = await stack.enter_async_context(RpcConnection.open(url))
            await rpc.ready()
        except BaseException as error:
            self._count(-1)
            await stack.aclose()
            if isinstance(error, UnreachableError) and _is_refusal(error.__cause__):
                raise LoginRefusedError("the broker refuses the account") from None
            raise
        now = self._now()
        return _Connection(rpc, stack, opened_at=now, used_at=now)

    async def _make_room(self) -> None:
        """Close the connection that was used longest ago if there are as many as allowed; raise if all are in use."""
        if self._open < self._most:
            return
        unused = [(key, connection) for key, connection in self._connections.items() if not connection.users]
        if not unused:
            raise TooManyConnectionsError(f"{self._open} connections are in use")
        await self._retire(*min(unused, key=lambda found: found[1].used_at))

    async def _retire(self, key: bytes, connection: _Connection) -> None:
        """Let nobody use a connection from now on, and close it once the present users are done.

        Nothing, if it is retired already: while others are closed, its place is taken by another.
        """
        if self._connections.get(key) is not connection:
            return
        del self._connections[key]
        connection.is_retired = True
        if not connection.users:
            await self._close(connection)

    async def _close(self, connection: _Connection) -> None:
        self._count(-1)
        await connection.stack.aclose()

    def _count(self, change: int) -> None:
        self._open += change
        CONNECTIONS.set(self._open)


def _is_refusal(error: BaseException | None) -> bool:
    if isinstance(error, (AuthenticationError, ProbableAuthenticationError)):
        return True
    return bool(error and error.args and error.args[0] == _NO_ACCESS)
