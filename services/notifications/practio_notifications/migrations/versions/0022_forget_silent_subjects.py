"""Forget the numbers of subjects about which no event has come for years: note when the last one came."""

from practio_chassis.database.chassis_migrations import add_age_of_sequences, drop_age_of_sequences

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_age_of_sequences()


def downgrade() -> None:
    drop_age_of_sequences()
