"""Whose fault a failed transaction is: the database's and its surroundings', or the message's. Pure.

A fault of the surroundings is waited out with the messages in hand, in their order: sent to a retry tier, a message
would be overtaken by later ones. Codes: https://www.postgresql.org/docs/17/errcodes-appendix.html.
"""

from collections.abc import Iterator
from enum import StrEnum

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_CLASSES = (
    "08",  # the connection failed
    "25",  # read-only after a fail-over; idle for too long in a transaction
    "28",  # login refused: passwords are being changed
    "3D",  # the database does not exist (yet)
    "40",  # deadlock, serialization failure, rolled back
    "53",  # disk full, out of memory, too many connections
    "55",  # a lock was not granted in time
    "57",  # shutdown, crash, cannot connect now; except the codes in _OF_THE_MESSAGE
    "58",  # input/output errors of the server's system
    "F0",  # its configuration file
    "XX",  # internal errors and corruption
)
_CODES = frozenset({"42501", "42P01", "42703"})  # no right, table or column: a migration or a grant is missing
_READ_ONLY = "25006"
_STATEMENT_TIMEOUT = "57014"
_CONNECTION_FAULTS = (
    OSError,
    TimeoutError,
    PoolTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class Fault(StrEnum):
    """What a failed transaction tells about the next attempt."""

    SURROUNDINGS = "surroundings"
    """The database or the way to it: waiting mends it."""

    READ_ONLY = "read-only"
    """The connection leads to a standby: a new connection may lead to the primary."""

    SLOW = "slow"
    """A statement ran out of time: the database is slow, or the message asks too much of it."""

    MESSAGE = "message"
    """Anything else: the message itself, or the code that handles it."""


def fault_of(error: BaseException) -> Fault:
    """Return whose fault ``error``, raised by a transaction, is."""
    code = next(filter(None, map(_sqlstate, _causes(error))), None)
    if code == _READ_ONLY:
        return Fault.READ_ONLY
    if code == _STATEMENT_TIMEOUT:
        return Fault.SLOW
    if code is not None:
        return Fault.SURROUNDINGS if code.startswith(_CLASSES) or code in _CODES else Fault.MESSAGE
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Fault.SURROUNDINGS
    return Fault.SURROUNDINGS if any(isinstance(each, _CONNECTION_FAULTS) for each in _causes(error)) else Fault.MESSAGE


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and what it was raised from, SQLAlchemy's wrapping included."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or getattr(cause, "orig", None)


def _sqlstate(error: BaseException) -> str | None:
    code = getattr(error, "sqlstate", None)
    return code if isinstance(code, str) else None
