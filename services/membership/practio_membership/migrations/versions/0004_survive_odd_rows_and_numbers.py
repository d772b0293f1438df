"""Keep outside systems' sequences by account, remember retried commands, and set aside timers that cannot be sent."""

from practio_chassis.database.chassis_migrations import add_fault_tables, drop_fault_tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_fault_tables()


def downgrade() -> None:
    drop_fault_tables()
