"""Plan sessions, one by one and in series."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        _room_id(),
        sa.Column("series_id", sa.Uuid(), primary_key=True),
        sa.Column("rrule", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=False), nullable=False),
        sa.Column("except_dates", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("duration", sa.Interval(), nullable=False),
        *_meeting(),
        sa.Column("shift", sa.Interval(), nullable=False),
        sa.Column("planned_until", sa.DateTime(timezone=False), nullable=False),
        sa.Column("has_ended", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "session",
        _room_id(),
        sa.Column("session_id", sa.Uuid(), primary_key=True),
        sa.Column("series_id", sa.Uuid()),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        *_meeting(),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ruled_at", sa.DateTime(timezone=False)),
        sa.Column("has_own_time", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="session_takes_time"),
    )
    op.create_index("session_by_id", "session", ["session_id"])
    op.create_index("session_by_start", "session", ["room_id", "starts_at"])
    op.create_index("session_by_series", "session", ["room_id", "series_id", "ruled_at"])


def _room_id() -> sa.Column[UUID]:
    return sa.Column("room_id", sa.Uuid(), sa.ForeignKey("room.room_id", ondelete="CASCADE"), primary_key=True)


def _meeting() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text()) for name in ("topic", "place", "meeting_url")]


def downgrade() -> None:
    op.drop_table("session")
    op.drop_table("series")
