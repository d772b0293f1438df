"""Hand rooms over and discard drafts: the proposed host, and the ids that are not given again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("room", sa.Column("proposed_host_id", sa.Uuid()))
    proposed = sa.text("proposed_host_id IS NOT NULL")
    op.create_index("room_by_proposed_host", "room", ["proposed_host_id"], postgresql_where=proposed)
    op.create_table(
        "discarded_draft",
        sa.Column("room_id", sa.Uuid(), primary_key=True),
        sa.Column("asked", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("discarded_draft")
    op.drop_index("room_by_proposed_host", "room")
    op.drop_column("room", "proposed_host_id")
