"""Give newcomers a buddy: which of the people in a room is whose."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "buddy",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("buddy_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.room_id"]),
        sa.PrimaryKeyConstraint("room_id", "person_id"),
    )
    op.create_index("buddy_by_person", "buddy", ["person_id"])
    op.create_index("buddy_by_buddy", "buddy", ["buddy_id"])


def downgrade() -> None:
    op.drop_table("buddy")
