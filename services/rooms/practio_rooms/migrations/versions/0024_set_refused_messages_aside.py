"""Set messages aside that the broker refuses, and note how events travel."""

from practio_chassis.database.chassis_migrations import add_refused_messages, drop_refused_messages

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_refused_messages()


def downgrade() -> None:
    drop_refused_messages()
