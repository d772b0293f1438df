"""Gather letters into digests: a letter names the one that tells of it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("gathered_in", sa.Uuid()))
    op.create_index("letter_gathered", "letter", ["gathered_in"], postgresql_where=sa.text("gathered_in IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("letter_gathered", "letter")
    op.drop_column("letter", "gathered_in")
