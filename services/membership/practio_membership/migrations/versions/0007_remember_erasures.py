"""Remember who was erased, and whom stored answers are about."""

from practio_chassis.database.chassis_migrations import add_erasures, drop_erasures

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_erasures()


def downgrade() -> None:
    drop_erasures()
