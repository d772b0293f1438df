"""Know after which room a room was made, and what grew out of it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("room", sa.Column("origin_id", sa.Uuid(), nullable=True))
    op.create_index("room_by_origin", "room", ["origin_id"], postgresql_where=sa.text("origin_id IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("room_by_origin", "room")
    op.drop_column("room", "origin_id")
