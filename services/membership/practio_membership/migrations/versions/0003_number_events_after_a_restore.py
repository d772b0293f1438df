"""Keep the offset from which events are numbered, for a restored schema."""

from practio_chassis.database.chassis_migrations import add_numbering, drop_numbering

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_numbering()


def downgrade() -> None:
    drop_numbering()
