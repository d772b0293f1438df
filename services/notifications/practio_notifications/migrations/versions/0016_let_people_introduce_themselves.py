"""Keep whether people were registered, and since when an address that nobody knew waits for its person."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("registered", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("contact", sa.Column("asked_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE contact SET registered = false WHERE introduced OR display_name = ''")
    op.create_index("contact_asking", "contact", ["asked_at"], postgresql_where=sa.text("asked_at IS NOT NULL"))


def downgrade() -> None:
    op.execute("DELETE FROM contact WHERE asked_at IS NOT NULL")
    op.drop_column("contact", "asked_at")
    op.drop_column("contact", "registered")
