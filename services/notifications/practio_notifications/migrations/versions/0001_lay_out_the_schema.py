"""Lay out the schema: people, rooms and memberships as they were received, letters, and the tables of the chassis."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from practio_chassis.database.chassis_migrations import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATES = "'queued', 'held', 'sending', 'sent', 'retrying', 'failed', 'unknown', 'skipped', 'suppressed'"


def upgrade() -> None:
    _create_projections()
    _create_letters()
    _index_letters()
    create_chassis_tables()


def _create_projections() -> None:
    op.create_table(
        "contact",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("display_name", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("locale", sa.Text()),
        sa.Column("time_zone", sa.Text()),
    )
    op.create_table(
        "room",
        sa.Column("room_id", sa.Uuid(), primary_key=True),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
    )
    op.create_table(
        "occupancy",
        sa.Column("room_id", sa.Uuid(), primary_key=True),
        sa.Column("told", postgresql.JSONB(), nullable=False),
    )
    op.create_table(
        "standing",
        sa.Column("membership_id", sa.Uuid(), primary_key=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True)),
    )


def _create_letters() -> None:
    op.create_table(
        "letter",
        sa.Column("letter_id", sa.Uuid(), primary_key=True),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("told", postgresql.JSONB()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_tried_at", sa.DateTime(timezone=True)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("fact_id", "person_id", "kind", name="one_letter_a_fact_person_and_kind"),
        sa.CheckConstraint(f"status IN ({_STATES})", name="letter_status"),
    )


def _index_letters() -> None:
    op.create_index("letter_by_due_time", "letter", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    op.create_index("letter_held", "letter", ["person_id"], postgresql_where=sa.text("status = 'held'"))
    op.create_index("letter_of_person", "letter", ["person_id", "created_at", "letter_id"])
    op.create_index("letter_of_room", "letter", ["room_id", "created_at", "letter_id"])
    op.create_index("letter_about_member", "letter", ["member_id"])
    op.create_index("letter_by_age", "letter", ["created_at", "letter_id"])


def downgrade() -> None:
    drop_chassis_tables()
    for table in ("letter", "standing", "occupancy", "room", "contact"):
        op.drop_table(table)
