"""A pool that drops connections that lead nowhere: to a host that vanished, or to a server that is read-only now."""

import time

from sqlalchemy import AsyncAdaptedQueuePool, event, exc
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_READ_ONLY = "25006"
"""The SQLSTATE of a write on a server that is a standby, or became one."""

_IDLE_SECONDS = 1.0
"""A connection that served less than this ago is believed: a ping takes 0.5 ms, beside 0.8 ms for three statements."""

_PING_SECONDS = 5.0
_IDLE_SINCE = "idle since"


class DroppablePool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool, whose connections can be dropped all at once."""

    def drop(self) -> None:
        """Close each connection when it is next asked for, and connect again in its place."""
        self._invalidate_time = time.time()

    def _close_connection(self, connection: DBAPIConnection, *, terminate: bool = False) -> None:
        """Close within two seconds also where nobody answers: an orderly end would wait as long as a statement."""
        super()._close_connection(connection, terminate=True)


def watch(pool: Engine) -> None:
    """Ping connections that were idle, and drop all once one was not answered or turned out read-only."""
    event.listen(pool, "checkin", _note_idle)
    event.listen(pool, "checkout", _ping)
    event.listen(pool, "handle_error", _judge)


def _note_idle(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info[_IDLE_SINCE] = time.monotonic()


def _ping(connection: DBAPIConnection, record: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
    """SQLAlchemy's own ping asks each time, and waits as long as any statement may."""
    if time.monotonic() - record.info.get(_IDLE_SINCE, float("inf")) < _IDLE_SECONDS:
        return
    try:
        connection.run_async(lambda raw: raw.execute("SELECT 1", timeout=_PING_SECONDS))
    except Exception as error:
        raise exc.InvalidatePoolError("the connection does not answer") from error


def _judge(context: ExceptionContext) -> exc.SQLAlchemyError | None:
    """Treat a connection that is silent or read-only as lost: a rollback on it would wait for an answer again."""
    error = context.original_exception
    if isinstance(error, TimeoutError):
        context.is_disconnect = True
        return exc.TimeoutError("the database did not answer in time")
    if getattr(error, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True
    return None
