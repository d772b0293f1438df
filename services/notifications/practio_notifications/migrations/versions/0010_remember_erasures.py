"""Remember who was erased, whom stored answers and bounces are about, and the addresses that people had before."""

import sqlalchemy as sa
from alembic import op

from practio_chassis.database.chassis_migrations import add_erasures, drop_erasures

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_erasures()
    op.execute("INSERT INTO forgotten (person_id) SELECT person_id FROM contact WHERE email IS NULL")
    op.create_table(
        "former_address",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), primary_key=True),
    )
    op.create_index("former_address_by_address", "former_address", [sa.text("lower(email)")])
    op.add_column("bounce", sa.Column("person_id", sa.Uuid()))
    op.create_index("bounce_of_person", "bounce", ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("bounce_of_person", "bounce")
    op.drop_column("bounce", "person_id")
    op.drop_table("former_address")
    drop_erasures()
