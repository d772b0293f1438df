"""Keep to which address each calendar entry is answered, and when it last was."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calendar_entry", sa.Column("reply_id", sa.Uuid()))
    op.add_column("calendar_entry", sa.Column("revision", sa.Integer()))
    op.add_column("calendar_entry", sa.Column("replied_at", sa.DateTime(timezone=True)))
    op.create_index(
        "calendar_entry_by_reply", "calendar_entry", ["reply_id"], postgresql_where=sa.text("reply_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("calendar_entry_by_reply", "calendar_entry")
    op.drop_column("calendar_entry", "replied_at")
    op.drop_column("calendar_entry", "revision")
    op.drop_column("calendar_entry", "reply_id")
