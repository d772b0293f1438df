"""Release feedback of four people or more together: note whose waits for its lot."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feedback_given", sa.Column("waits", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("feedback_given_waits", "feedback_given", ["room_id"], postgresql_where=sa.text("waits"))


def downgrade() -> None:
    op.drop_index("feedback_given_waits", "feedback_given")
    op.drop_column("feedback_given", "waits")
