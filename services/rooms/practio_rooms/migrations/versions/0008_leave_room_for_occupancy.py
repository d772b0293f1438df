"""Leave half of each page of rooms free for updates: occupancy changes often, and no index contains it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Set it for new pages; existing ones follow when their rows are next written."""
    op.execute("ALTER TABLE room SET (fillfactor = 50)")


def downgrade() -> None:
    op.execute("ALTER TABLE room RESET (fillfactor)")
