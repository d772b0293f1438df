"""Know how many requests wait for a decision in each room."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Begin with none: a room's next event about its occupancy brings the number."""
    op.add_column("room", sa.Column("pending", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("room", "pending")
