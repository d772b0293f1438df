"""The chassis' tables in every service's schema: inbox, outbox, timers, latest sequences, system accounts, numbering.

No schema is named: each role's ``search_path`` contains its own schema and nothing else.
"""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB


@dataclass(frozen=True, slots=True)
class ChassisTables:
    """The chassis' tables in one service's metadata."""

    inbox: Table
    outbox: Table
    timer: Table
    latest: Table
    system_account: Table
    numbering: Table


def chassis_tables(metadata: MetaData) -> ChassisTables:
    """Add the chassis' tables to a service's ``metadata``, and return them; the service's migrations create them."""
    return ChassisTables(
        inbox=_inbox(metadata),
        outbox=_outbox(metadata),
        timer=_timer(metadata),
        latest=_latest(metadata),
        system_account=Table("system_account", metadata, Column("account", Text, primary_key=True)),
        numbering=_numbering(metadata),
    )


def chassis_tables_of(metadata: MetaData) -> ChassisTables:
    """Return the chassis' tables that ``chassis_tables`` added to ``metadata``."""
    return ChassisTables(**{name: metadata.tables[name] for name in ChassisTables.__slots__})


def _inbox(metadata: MetaData) -> Table:
    """Every handled message, once; the account is part of the key, so that nobody receives another account's answer."""
    return Table(
        "inbox",
        metadata,
        Column("account", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("id", Text, primary_key=True),
        Column("answer", LargeBinary),
        Column("taken_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Index("inbox_by_age", "taken_at"),
    )


def _outbox(metadata: MetaData) -> Table:
    """Messages still to be published, in the order of ``id`` within a subject.

    ``internal`` goes to the services' exchange, ``public`` to everybody's; either may be null, not both.
    """
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("message_id", Text, nullable=False),
        Column("routing_key", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("internal", LargeBinary),
        Column("public", LargeBinary),
        Column("said_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def _timer(metadata: MetaData) -> Table:
    return Table(
        "timer",
        metadata,
        Column("key", Text, primary_key=True),
        Column("due_at", DateTime(timezone=True), nullable=False),
        Column("routing_key", Text, nullable=False),
        Column("data", JSONB, nullable=False),
        Column("correlationid", Text),
        Index("timer_by_due_time", "due_at"),
    )


def _latest(metadata: MetaData) -> Table:
    """The highest ``sequence`` received of each subject, by source."""
    return Table(
        "latest",
        metadata,
        Column("source", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("sequence", BigInteger, nullable=False),
    )


def _numbering(metadata: MetaData) -> Table:
    """The sequence offset that is added to each ``sequence``; zero without a row.

    A restored schema counts from the microsecond of its restore, which is above every number that it gave after the
    backup: consumers that received those keep accepting its events.
    """
    return Table("numbering", metadata, Column("begins_at", BigInteger, primary_key=True, autoincrement=False))
