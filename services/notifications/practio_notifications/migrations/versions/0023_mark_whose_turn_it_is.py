"""Mark whose turn it is: part roles that are proposed from those that are planned."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session_part", sa.Column("is_proposed", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.execute("DELETE FROM session_part WHERE is_proposed")
    op.drop_column("session_part", "is_proposed")
