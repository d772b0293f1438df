"""Know which rooms are quiet, to write to their stewards."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_care",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("signs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stewards_asked_for", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("room_id"),
    )
    op.create_index("room_care_by_next_time", "room_care", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))


def downgrade() -> None:
    op.drop_table("room_care")
