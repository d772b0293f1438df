"""Write letters about no room; find quickly who has a standing in one."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("letter", "room_id", nullable=True)
    op.create_index("standing_in_room", "standing", ["room_id", "person_id"])


def downgrade() -> None:
    op.drop_index("standing_in_room", "standing")
    op.execute("DELETE FROM letter WHERE room_id IS NULL")
    op.alter_column("letter", "room_id", nullable=False)
