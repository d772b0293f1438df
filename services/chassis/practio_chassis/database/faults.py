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
    "28",  # login refused: passwords are being changed
    "3D",  # the database does not exist (yet)
    "40",  # deadlock, serialization failure, rolled back
    "53",  # disk full, out of memory, too many connections
    "57",  # shutdown, crash, cannot connect now; except 57014
    "58",  # input/output errors of the server's system
    "F0",  # its configuration file
)
_CODES = frozenset(
    {
        "25P03",  # idle for too long in a transaction
        "25P04",  # a transaction took too long
        "42501",  # no right, table or column: a migration or a grant is missing
        "42P01",
        "42703",
        "55P03",  # a lock was not granted in time
        "55006",  # the object is in use
    }
)
_UNCLEAR_CLASSES = (
    "55",  # not in the state that the statement needs
    "XX",  # internal errors and corruption: of the server, or of one row
)
_READ_ONLY = "25006"
_STATEMENT_TIMEOUT = "57014"


class DatabaseFault(StrEnum):
    """What a failed transaction tells about the next attempt."""

    SURROUNDINGS = "surroundings"
    """The database or the way to it: waiting mends it."""

    READ_ONLY = "read-only"
    """The connection leads to a standby: a new connection may lead to the primary."""

    SLOW = "slow"
    """A statement ran out of time: the database is slow, or the message asks too much of it."""

    UNCLEAR = "unclear"
    """An internal error of the server or of its client: of the surroundings, or of what the message makes them do."""

    MESSAGE = "message"
    """Anything else: the message itself, or the code that handles it."""


def fault_of(error: BaseException) -> DatabaseFault:
    """Return whose fault ``error``, raised by a transaction, is."""
    code = next(filter(None, map(_sqlstate, _causes(error))), None)
    if code == _READ_ONLY:
        return DatabaseFault.READ_ONLY
    if code == _STATEMENT_TIMEOUT:
        return DatabaseFault.SLOW
    if code is not None:
        return _fault_of_code(code)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseFault.SURROUNDINGS
    found = {_fault_of_client(each) for each in _causes(error)}
    return next(
        (each for each in (DatabaseFault.SURROUNDINGS, DatabaseFault.UNCLEAR) if each in found), DatabaseFault.MESSAGE
    )


def _fault_of_code(code: str) -> DatabaseFault:
    if code in _CODES or code.startswith(_CLASSES):
        return DatabaseFault.SURROUNDINGS
    return DatabaseFault.UNCLEAR if code.startswith(_UNCLEAR_CLASSES) else DatabaseFault.MESSAGE


def _fault_of_client(error: BaseException) -> DatabaseFault:
    """Return whose fault an error is that no server reported: of the connection, of its driver, or of our code."""
    match error:
        case OSError(filename=None) | PoolTimeoutError():  # an error that names a file is not one of a connection
            return DatabaseFault.SURROUNDINGS
        case asyncpg.InterfaceError() if isinstance(error, ValueError):  # a value that a type cannot have
            return DatabaseFault.MESSAGE
        case asyncpg.InterfaceError() if "closed" in str(error):
            return DatabaseFault.SURROUNDINGS
        case asyncpg.InterfaceError() | asyncpg.InternalClientError():
            return DatabaseFault.UNCLEAR
        case _:
            return DatabaseFault.MESSAGE


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
