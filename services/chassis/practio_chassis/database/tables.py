"""The chassis' tables in every service's schema: for messages, timers, sequences and accounts.

No schema is named: each role's ``search_path`` contains its own schema and nothing else.
"""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB


@dataclass(frozen=True, slots=True)
class ChassisTables:
    """The chassis' tables in one service's metadata."""

    inbox: Table
    outbox: Table
    outbox_set_aside: Table
    batches_read: Table
    timer: Table
    latest: Table
    latest_by_account: Table
    retried: Table
    handled_alone: Table
    system_account: Table
    numbering: Table
    forgotten: Table


def chassis_tables(metadata: MetaData) -> ChassisTables:
    """Add the chassis' tables to a service's ``metadata``, and return them; the service's migrations create them."""
    return ChassisTables(
        inbox=_inbox(metadata),
        outbox=_outbox(metadata),
        outbox_set_aside=_outbox_set_aside(metadata),
        batches_read=_batches_read(metadata),
        timer=_timer(metadata),
        latest=_latest(metadata),
        latest_by_account=_latest_by_account(metadata),
        retried=_retried(metadata),
        handled_alone=_handled_alone(metadata),
        system_account=Table("system_account", metadata, Column("account", Text, primary_key=True)),
        numbering=_numbering(metadata),
        forgotten=_forgotten(metadata),
    )


def chassis_tables_of(metadata: MetaData) -> ChassisTables:
    """Return the chassis' tables that ``chassis_tables`` added to ``metadata``."""
    return ChassisTables(**{name: metadata.tables[name] for name in ChassisTables.__slots__})


def _inbox(metadata: MetaData) -> Table:
    """Every handled message, once; the account is part of the key, so that nobody receives another account's answer.

    ``about`` is the person whom the answer is about, if it is about one.
    """
    return Table(
        "inbox",
        metadata,
        Column("account", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("id", Text, primary_key=True),
        Column("answer", LargeBinary),
        Column("taken_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("about", Uuid),
        Index("inbox_by_age", "taken_at"),
        Index("inbox_about", "about", postgresql_where=text("about IS NOT NULL")),
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


def _outbox_set_aside(metadata: MetaData) -> Table:
    """Return the table of messages that the broker refuses, with the reason, as they were in the outbox.

    They have a table of their own, so that a relay of an earlier release beside this one does not meet them again.
    ``people`` are those by or about whom the message is.
    """
    return Table(
        "outbox_set_aside",
        metadata,
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("message_id", Text, nullable=False),
        Column("routing_key", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("internal", LargeBinary),
        Column("public", LargeBinary),
        Column("said_at", DateTime(timezone=True), nullable=False),
        Column("reason", Text, nullable=False),
        Column("set_aside_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("people", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    )


def _batches_read(metadata: MetaData) -> Table:
    """Return the table that has a row once batches of events reached every reader, until events are to go singly."""
    return Table(
        "batches_read",
        metadata,
        Column("one", Boolean, CheckConstraint("one", name="batches_read_one"), primary_key=True),
        Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def _timer(metadata: MetaData) -> Table:
    """Return the table of internal commands by due time; ``set_aside`` is the reason why one cannot be sent yet."""
    return Table(
        "timer",
        metadata,
        Column("key", Text, primary_key=True),
        Column("due_at", DateTime(timezone=True), nullable=False),
        Column("routing_key", Text, nullable=False),
        Column("data", JSONB, nullable=False),
        Column("correlationid", Text),
        Column("set_aside", Text),
        Index("timer_by_due_time", "due_at"),
    )


def _latest(metadata: MetaData) -> Table:
    """Return the table of the highest ``sequence`` of each subject, by source: of services; before 1.1 of all.

    ``seen_on`` is the day of the last event: a date, so that most updates change no indexed column.
    """
    return Table(
        "latest",
        metadata,
        Column("source", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("sequence", BigInteger, nullable=False),
        Column("seen_on", Date, nullable=False, server_default=func.current_date()),
        Index("latest_by_age", "seen_on"),
    )


def _latest_by_account(metadata: MetaData) -> Table:
    """Return the table of the highest ``sequence`` of each subject of outside systems, by account and source."""
    return Table(
        "latest_by_account",
        metadata,
        Column("account", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("sequence", BigInteger, nullable=False),
        Column("seen_on", Date, nullable=False, server_default=func.current_date()),
        Index("latest_by_account_by_age", "seen_on"),
    )


def _retried(metadata: MetaData) -> Table:
    """Return the table of the subjects of commands in a retry tier.

    A command is ``overtaken`` if a later one on any of its subjects was handled.
    """
    return Table(
        "retried",
        metadata,
        Column("account", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("id", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("failed_at", DateTime(timezone=True), nullable=False),
        Column("overtaken", Boolean, nullable=False),
        Index("retried_by_subject", "subject"),
    )


def _handled_alone(metadata: MetaData) -> Table:
    """Return the table of messages that are handled alone, since they were delivered too often.

    ``attempts``: how often one was in hand so; the service ended in each of them but the last.
    """
    return Table(
        "handled_alone",
        metadata,
        Column("account", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("id", Text, primary_key=True),
        Column("attempts", Integer, nullable=False),
        Column("begun_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def _numbering(metadata: MetaData) -> Table:
    """Return the table of the offset that is added to each ``sequence``; zero without a row.

    A restored schema counts from the microsecond of its restore, which is above every number that it gave after the
    backup: consumers that received those keep accepting its events.
    """
    return Table("numbering", metadata, Column("begins_at", BigInteger, primary_key=True, autoincrement=False))


def _forgotten(metadata: MetaData) -> Table:
    """Return the table of the people who were erased; ``erased_at`` is null if an earlier release erased them."""
    return Table(
        "forgotten",
        metadata,
        Column("person_id", Uuid, primary_key=True),
        Column("erased_at", DateTime(timezone=True)),
    )
