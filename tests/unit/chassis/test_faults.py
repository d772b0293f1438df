"""Whose fault a failed transaction is."""

import errno

import asyncpg
from asyncpg.exceptions._base import DataError as ClientDataError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from tests.support.every_case import every_case

from practio_chassis.database.faults import DatabaseFault, fault_of


def database_error(code: str) -> SQLAlchemyError:
    """Return an error as SQLAlchemy raises it for a PostgreSQL error with this SQLSTATE."""
    original = asyncpg.PostgresError.new({"C": code, "M": "as the server says it"})
    return DBAPIError.instance("SELECT 1", None, original, Exception)  # type: ignore[no-any-return]


@every_case(
    "code",
    [
        "08006",
        "25P03",
        "28P01",
        "3D000",
        "40001",
        "40P01",
        "53100",
        "53300",
        "55006",
        "55P03",
        "57P01",
        "57P03",
        "58030",
    ],
)
def test_surroundings_are_waited_for(code: str) -> None:
    assert fault_of(database_error(code)) is DatabaseFault.SURROUNDINGS


@every_case("code", ["42501", "42P01", "42703"])
def test_a_missing_grant_table_or_column_is_waited_for(code: str) -> None:
    assert fault_of(database_error(code)) is DatabaseFault.SURROUNDINGS


def test_a_read_only_database_asks_for_another_connection() -> None:
    assert fault_of(database_error("25006")) is DatabaseFault.READ_ONLY


def test_a_statement_out_of_time_may_be_either_fault() -> None:
    assert fault_of(database_error("57014")) is DatabaseFault.SLOW


@every_case("code", ["22001", "22P05", "23505", "23514", "2201B", "25P02", "42601", "P0001"])
def test_data_and_syntax_are_the_messages_own(code: str) -> None:
    assert fault_of(database_error(code)) is DatabaseFault.MESSAGE


@every_case("code", ["55000", "XX000", "XX001"])
def test_an_internal_error_may_be_either_fault(code: str) -> None:
    assert fault_of(database_error(code)) is DatabaseFault.UNCLEAR


@every_case(
    "error",
    [
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        asyncpg.InternalClientError("got result for unknown protocol state 3"),
    ],
)
def test_a_client_that_is_confused_may_be_either_fault(error: Exception) -> None:
    assert fault_of(error) is DatabaseFault.UNCLEAR


@every_case(
    "error",
    [
        ConnectionResetError(),
        OSError(errno.EHOSTUNREACH, "No route to host"),
        TimeoutError(),
        PoolTimeoutError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    ],
)
def test_a_lost_connection_is_waited_for(error: Exception) -> None:
    assert fault_of(error) is DatabaseFault.SURROUNDINGS


def test_the_cause_counts_whatever_wraps_it() -> None:
    wrapped = RuntimeError("a handler wraps it")
    wrapped.__cause__ = database_error("40P01")
    assert fault_of(wrapped) is DatabaseFault.SURROUNDINGS


@every_case(
    "error",
    [
        LookupError("a bug"),
        ValueError(),
        ZeroDivisionError(),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "letter.jinja"),
        ClientDataError("invalid input for query argument $1: 2147483648 (value out of int32 range)"),
    ],
)
def test_anything_else_is_the_messages_own(error: Exception) -> None:
    assert fault_of(error) is DatabaseFault.MESSAGE
