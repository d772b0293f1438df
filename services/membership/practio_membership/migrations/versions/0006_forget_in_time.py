"""Find what people wrote about memberships that ended long ago."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    has_texts = sa.text(
        "status IN ('declined', 'ended', 'lapsed', 'removed', 'withdrawn') "
        "AND (answers <> '{}' OR message IS NOT NULL OR reason IS NOT NULL)"
    )
    op.create_index("membership_with_texts", "membership", ["since"], postgresql_where=has_texts)
    op.create_index("history_with_reason", "history", ["at"], postgresql_where=sa.text("reason IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("history_with_reason", "history")
    op.drop_index("membership_with_texts", "membership")
