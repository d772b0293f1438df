"""Lay out the schema: rooms, memberships, their history, and the tables of the chassis."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from practio_chassis.database.chassis_migrations import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_LIVE = sa.text("status IN ('invited', 'joined', 'offered', 'requested', 'waitlisted')")

_KEEP_HISTORY = """
CREATE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.reason IS NULL THEN
        OLD.reason := NULL;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the history is only ever added to' USING ERRCODE = 'restrict_violation';
END
$$
"""
_KEEP_ROWS = """
CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON history
FOR EACH ROW EXECUTE FUNCTION keep_history()
"""
_KEEP_TABLE = """
CREATE TRIGGER keep_history_whole BEFORE TRUNCATE ON history
FOR EACH STATEMENT EXECUTE FUNCTION keep_history()
"""


def upgrade() -> None:
    _create_rooms()
    _create_memberships()
    _create_history()
    create_chassis_tables()


def _create_rooms() -> None:
    op.create_table(
        "room",
        sa.Column("room_id", sa.Uuid(), primary_key=True),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("by_role", postgresql.JSONB(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND held >= 0 AND waiting >= 0 AND pending >= 0", name="room_counts"),
        sa.CheckConstraint("taken + held <= most", name="room_not_oversold"),
    )
    op.create_index("room_with_line", "room", ["room_id"], postgresql_where=sa.text("waiting > 0"))


def _create_memberships() -> None:
    op.create_table(
        "membership",
        sa.Column("membership_id", sa.Uuid(), primary_key=True),
        sa.Column("room_id", sa.Uuid(), sa.ForeignKey("room.room_id"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("wishes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("role", sa.Text()),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True)),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True)),
        sa.Column("lapsed_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("message", sa.Text()),
    )
    _index_memberships()


def _index_memberships() -> None:
    in_order: list[str | sa.TextClause] = ["room_id", sa.text("priority DESC"), "number"]
    waits, has_offer = sa.text("status = 'waitlisted'"), sa.text("status = 'offered'")
    about = ["room_id", "person_id"]
    op.create_index("membership_live_once", "membership", about, unique=True, postgresql_where=_LIVE)
    op.create_index("membership_latest", "membership", ["person_id", "room_id", "number"])
    op.create_index("membership_roster", "membership", in_order)
    op.create_index("membership_line", "membership", in_order, postgresql_where=waits)
    op.create_index("membership_offers", "membership", ["room_id", "offer_expires_at"], postgresql_where=has_offer)


def _create_history() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text()),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("message_id", sa.Text(), nullable=False),
    )
    op.create_index("history_by_person", "history", ["person_id", "room_id", "id"])
    for statement in (_KEEP_HISTORY, _KEEP_ROWS, _KEEP_TABLE):
        op.execute(statement)


def downgrade() -> None:
    drop_chassis_tables()
    for table in ("history", "membership", "room"):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_history()")
