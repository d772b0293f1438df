"""Keep who comes to each session, and what is planned for it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "session_answer",
        sa.Column("session_id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("coming", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("session_answer_of_person", "session_answer", ["person_id"])
    op.create_index("session_answer_by_time", "session_answer", ["starts_at"])
    op.create_table(
        "session_plan",
        sa.Column("session_id", sa.Uuid(), primary_key=True),
        sa.Column("guests", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("session_plan_by_end", "session_plan", ["ends_at"])
    op.create_table(
        "session_part",
        sa.Column("session_id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("role", sa.Text(), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("session_part_of_person", "session_part", ["person_id"])
    op.create_index("session_part_by_end", "session_part", ["ends_at"])


def downgrade() -> None:
    op.drop_table("session_part")
    op.drop_table("session_plan")
    op.drop_table("session_answer")
