"""Let a command that is retried have several subjects: a later command on any of them overtakes it."""

from practio_chassis.database.chassis_migrations import (
    let_retried_commands_have_one_subject,
    let_retried_commands_have_subjects,
)

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    let_retried_commands_have_subjects()


def downgrade() -> None:
    let_retried_commands_have_one_subject()
