"""The migrations of the chassis' tables: called by each service's migrations, and never edited once released.

A change of ``tables.py`` gets a function of its own here, and a migration in every service that calls it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_NUMBERS = ("latest", "latest_by_account")
_TABLES = ("system_account", "latest", "timer", "outbox", "inbox")


def create_chassis_tables() -> None:
    """Create inbox, outbox, timers, latest sequences and system accounts, in their first form."""
    _create_inbox()
    _create_outbox()
    _create_timer()
    op.create_table(
        "latest",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
    )
    op.create_table("system_account", sa.Column("account", sa.Text(), primary_key=True))


def add_numbering() -> None:
    """Create the table of the sequence offset."""
    op.create_table("numbering", sa.Column("begins_at", sa.BigInteger(), primary_key=True, autoincrement=False))


def drop_numbering() -> None:
    """Undo ``add_numbering``."""
    op.drop_table("numbering")


def add_fault_tables() -> None:
    """Create the tables of outside systems' sequences and of retried commands; timers may be set aside."""
    op.create_table(
        "latest_by_account",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "retried",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overtaken", sa.Boolean(), nullable=False),
    )
    op.create_index("retried_by_subject", "retried", ["subject"])
    op.add_column("timer", sa.Column("set_aside", sa.Text()))


def drop_fault_tables() -> None:
    """Undo ``add_fault_tables``."""
    op.drop_column("timer", "set_aside")
    op.drop_table("retried")
    op.drop_table("latest_by_account")


def let_retried_commands_have_subjects() -> None:
    """Let a retried command have several subjects, each in a row; the previous release writes one, as before."""
    op.drop_constraint("retried_pkey", "retried", type_="primary")
    op.create_primary_key("retried_pkey", "retried", ["account", "source", "id", "subject"])


def let_retried_commands_have_one_subject() -> None:
    """Undo ``let_retried_commands_have_subjects``; of several subjects, one stays."""
    op.execute(
        "DELETE FROM retried AS one USING retried AS other WHERE (one.account, one.source, one.id)"
        " = (other.account, other.source, other.id) AND one.subject > other.subject"
    )
    op.drop_constraint("retried_pkey", "retried", type_="primary")
    op.create_primary_key("retried_pkey", "retried", ["account", "source", "id"])


def add_erasures(*, knows_erased: bool = False) -> None:
    """Create the table of erased people, and note whom answers are about; rooms ``knows_erased`` people already."""
    if knows_erased:
        op.add_column("forgotten", sa.Column("erased_at", sa.DateTime(timezone=True)))
    else:
        op.create_table(
            "forgotten",
            sa.Column("person_id", sa.Uuid(), primary_key=True),
            sa.Column("erased_at", sa.DateTime(timezone=True)),
        )
    op.add_column("inbox", sa.Column("about", sa.Uuid()))
    op.create_index("inbox_about", "inbox", ["about"], postgresql_where=sa.text("about IS NOT NULL"))


def drop_erasures(*, knows_erased: bool = False) -> None:
    """Undo ``add_erasures``."""
    op.drop_index("inbox_about", "inbox")
    op.drop_column("inbox", "about")
    if knows_erased:
        op.drop_column("forgotten", "erased_at")
    else:
        op.drop_table("forgotten")


def add_age_of_sequences() -> None:
    """Note the day on which the last event of a subject came."""
    for table in _NUMBERS:
        today = sa.func.current_date()
        op.add_column(table, sa.Column("seen_on", sa.Date(), server_default=today, nullable=False))
        op.create_index(f"{table}_by_age", table, ["seen_on"])


def drop_age_of_sequences() -> None:
    """Undo ``add_age_of_sequences``."""
    for table in _NUMBERS:
        op.drop_index(f"{table}_by_age", table)
        op.drop_column(table, "seen_on")


def add_sharding() -> None:
    """Create the table that says over how many queues the commands are spread: one, the queue of commands itself."""
    sharding = op.create_table(
        "sharding",
        sa.Column("one", sa.Boolean(), sa.CheckConstraint("one", name="sharding_one"), primary_key=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("queues", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("drained", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.bulk_insert(sharding, [{"one": True, "wanted": 1, "active": 1, "queues": 1, "epoch": 0}])


def drop_sharding() -> None:
    """Undo ``add_sharding``."""
    op.drop_table("sharding")


def add_refused_messages() -> None:
    """Create the tables of messages that the broker refuses, and of how events travel."""
    op.create_table(
        "outbox_set_aside",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("routing_key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("internal", sa.LargeBinary()),
        sa.Column("public", sa.LargeBinary()),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("people", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_table(
        "batches_read",
        sa.Column("one", sa.Boolean(), sa.CheckConstraint("one", name="batches_read_one"), primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )


def drop_refused_messages() -> None:
    """Undo ``add_refused_messages``."""
    for table in ("batches_read", "outbox_set_aside"):
        op.drop_table(table)


def add_handled_alone() -> None:
    """Create the table of messages that are handled alone."""
    op.create_table(
        "handled_alone",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )


def drop_handled_alone() -> None:
    """Undo ``add_handled_alone``."""
    op.drop_table("handled_alone")


def drop_chassis_tables() -> None:
    """Undo ``create_chassis_tables``."""
    for table in _TABLES:
        op.drop_table(table)


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("answer", sa.LargeBinary()),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    op.create_index("inbox_by_age", "inbox", ["taken_at"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("routing_key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("internal", sa.LargeBinary()),
        sa.Column("public", sa.LargeBinary()),
        sa.Column("said_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )


def _create_timer() -> None:
    op.create_table(
        "timer",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("routing_key", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("correlationid", sa.Text()),
    )
    op.create_index("timer_by_due_time", "timer", ["due_at"])
