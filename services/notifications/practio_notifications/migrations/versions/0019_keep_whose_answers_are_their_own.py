"""Keep which answers people gave by themselves, so that no earlier answer of a calendar replaces one."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session_answer", sa.Column("by_person", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("session_answer", "by_person")
