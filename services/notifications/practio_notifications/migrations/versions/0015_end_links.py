"""Give each person's links a version, by which they end."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("link_version", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("contact", "link_version")
