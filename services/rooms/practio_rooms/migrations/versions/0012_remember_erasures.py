"""Remember when people were erased, and whom stored answers are about."""

from practio_chassis.database.chassis_migrations import add_erasures, drop_erasures

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_erasures(knows_erased=True)


def downgrade() -> None:
    drop_erasures(knows_erased=True)
