"""Know the dates that series were given later, when to announce them, and which letter brought an entry first."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("was_added", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("session", sa.Column("announce_at", sa.DateTime(timezone=True)))
    to_announce = sa.text("announce_at IS NOT NULL")
    op.create_index("session_to_announce", "session", ["announce_at"], postgresql_where=to_announce)
    op.add_column("calendar_entry", sa.Column("letter_id", sa.Uuid()))


def downgrade() -> None:
    op.drop_column("calendar_entry", "letter_id")
    op.drop_index("session_to_announce", "session")
    op.drop_column("session", "announce_at")
    op.drop_column("session", "was_added")
