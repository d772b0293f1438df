"""Keep what people want to read and when, which letters came back, and which addresses are not written to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preference",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("wished", postgresql.JSONB(), nullable=False),
    )
    op.create_table(
        "bounce",
        sa.Column("bounce_id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("letter_id", sa.Uuid()),
        sa.Column("detail", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("bounce_of_address", "bounce", ["email", "at"])
    op.create_table(
        "suppression",
        sa.Column("email", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("contact_by_address", "contact", [sa.text("lower(email)")])


def downgrade() -> None:
    op.drop_index("contact_by_address", "contact")
    for table in ("suppression", "bounce", "preference"):
        op.drop_table(table)
