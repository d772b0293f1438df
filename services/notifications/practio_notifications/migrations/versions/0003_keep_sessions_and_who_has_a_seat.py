"""Keep sessions, who has a seat in a room, and who is asked to become its host; letters about rooms themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OF_LETTERS = """
    UPDATE standing SET room_id = letter.room_id, person_id = letter.member_id FROM letter
    WHERE letter.membership_id = standing.membership_id
"""


def upgrade() -> None:
    _create_sessions()
    _know_seats()
    op.add_column("room", sa.Column("proposed_host_id", sa.Uuid()))
    op.add_column("room", sa.Column("proposed_in", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("room", "proposed_in", server_default=None)
    op.alter_column("letter", "membership_id", nullable=True)


def _create_sessions() -> None:
    op.create_table(
        "session",
        sa.Column("session_id", sa.Uuid(), primary_key=True),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("told_in", sa.Uuid(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True)),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
    )
    op.create_index("session_of_room", "session", ["room_id", "ends_at"])
    op.create_index("session_to_remind_of", "session", ["remind_at"], postgresql_where=sa.text("remind_at IS NOT NULL"))


def _know_seats() -> None:
    """Take from letters whose memberships are known, and of which room; those without any are published again."""
    op.add_column("standing", sa.Column("room_id", sa.Uuid()))
    op.add_column("standing", sa.Column("person_id", sa.Uuid()))
    op.add_column("standing", sa.Column("role", sa.Text()))
    op.add_column("standing", sa.Column("was_joined", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(_OF_LETTERS)
    op.execute("DELETE FROM standing WHERE room_id IS NULL")
    op.execute("UPDATE standing SET was_joined = true WHERE status = 'joined'")
    for column in ("room_id", "person_id"):
        op.alter_column("standing", column, nullable=False)
    op.alter_column("standing", "was_joined", server_default=None)
    op.create_index(
        "standing_with_seat",
        "standing",
        ["room_id", "person_id"],
        postgresql_where=sa.text("was_joined AND status IN ('joined', 'ended')"),
    )


def downgrade() -> None:
    op.execute("DELETE FROM letter WHERE membership_id IS NULL")
    op.alter_column("letter", "membership_id", nullable=False)
    op.drop_column("room", "proposed_in")
    op.drop_column("room", "proposed_host_id")
    op.drop_index("standing_with_seat", "standing")
    for column in ("was_joined", "role", "person_id", "room_id"):
        op.drop_column("standing", column)
    op.drop_table("session")
