"""Keep who introduced whom, and whose name nobody may see yet."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("introduced", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "introduction",
        sa.Column("introduction_id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("introduction_by_actor", "introduction", ["actor_id", "at"])
    op.create_index("introduction_of_person", "introduction", ["person_id"])
    op.create_index("introduction_by_time", "introduction", ["at"])


def downgrade() -> None:
    op.drop_table("introduction")
    op.drop_column("contact", "introduced")
