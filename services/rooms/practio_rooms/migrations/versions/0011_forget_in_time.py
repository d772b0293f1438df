"""Find sessions, and timelines of memberships, that were over long ago."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    end = "coalesce(left_at, declined_at)"
    op.create_index("session_by_end", "session", ["ends_at"])
    op.create_index("passage_by_end", "passage", [sa.text(end)], postgresql_where=sa.text(f"{end} IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("passage_by_end", "passage")
    op.drop_index("session_by_end", "session")
