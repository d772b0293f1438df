"""Record invitations, bars and places over capacity."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BEYOND = "beyond BETWEEN 0 AND taken + held"


def upgrade() -> None:
    """Add columns with defaults, so that the release before goes on writing rows."""
    op.add_column("room", sa.Column("beyond", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_check_constraint("room_over_capacity", "room", BEYOND)
    op.add_column("membership", sa.Column("invitation_expires_at", sa.DateTime(timezone=True)))
    for name in ("over_capacity", "barred"):
        op.add_column("membership", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in ("barred", "over_capacity", "invitation_expires_at"):
        op.drop_column("membership", name)
    op.drop_constraint("room_over_capacity", "room")
    op.drop_column("room", "beyond")
