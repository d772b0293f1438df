"""Spread commands over shards: how many there are, one until an operator wants more."""

from practio_chassis.database.chassis_migrations import add_sharding, drop_sharding

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_sharding()


def downgrade() -> None:
    drop_sharding()
