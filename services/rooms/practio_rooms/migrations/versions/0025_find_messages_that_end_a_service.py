"""Find the message at which a service ends: those that were delivered too often are handled alone."""

from practio_chassis.database.chassis_migrations import add_handled_alone, drop_handled_alone

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_handled_alone()


def downgrade() -> None:
    drop_handled_alone()
