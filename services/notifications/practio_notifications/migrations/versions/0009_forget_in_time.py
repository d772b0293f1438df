"""Find letters by a state that is not sent, and letters, sessions and bounces that have served their time."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    not_sent, has_text = sa.text("status <> 'sent'"), sa.text("due_at IS NULL AND told IS NOT NULL")
    op.create_index("letter_not_sent", "letter", ["status", "created_at", "letter_id"], postgresql_where=not_sent)
    op.create_index("letter_with_text", "letter", ["created_at"], postgresql_where=has_text)
    op.create_index("session_by_end", "session", ["ends_at"])
    op.create_index("bounce_by_age", "bounce", ["at"])


def downgrade() -> None:
    op.drop_index("bounce_by_age", "bounce")
    op.drop_index("session_by_end", "session")
    op.drop_index("letter_with_text", "letter")
    op.drop_index("letter_not_sent", "letter")
