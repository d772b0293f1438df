"""List the people of a room by status: a page of them, or how many there are, without reading all others."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    in_order: list[str | sa.TextClause] = ["room_id", "status", sa.text("priority DESC"), "number"]
    op.create_index("membership_by_status", "membership", in_order)


def downgrade() -> None:
    op.drop_index("membership_by_status", "membership")
