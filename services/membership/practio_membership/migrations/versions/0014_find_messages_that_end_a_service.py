"""Find the message at which a service ends: those that were delivered too often are handled alone."""

from practio_chassis.database.chassis_migrations import add_handled_alone, drop_handled_alone

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_handled_alone()


def downgrade() -> None:
    drop_handled_alone()
