"""Give the address of each person's calendar a version of its own, by which it ends while other links go on."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("calendar_version", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("contact", "calendar_version")
