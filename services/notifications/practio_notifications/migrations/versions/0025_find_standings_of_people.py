"""Find quickly where a person has a standing, as an export and an erasure do."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("standing_of_person", "standing", ["person_id"])


def downgrade() -> None:
    op.drop_index("standing_of_person", "standing")
