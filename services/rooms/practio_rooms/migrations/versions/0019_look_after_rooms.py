"""Look after published rooms: see whether they have become quiet.

The first looks at the rooms that there are spread over a day, so that their hosts are not all written to at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TO_LOOK_AFTER = """
    CREATE VIEW room_to_look_after AS
    SELECT room.room_id, room.published_at AS due_at
    FROM room
    WHERE room.status = 'published' AND room.published_at <= now() - interval '1 minute'
        AND NOT EXISTS (SELECT FROM room_care WHERE room_care.room_id = room.room_id)
    UNION ALL
    SELECT room_care.room_id, room_care.look_at
    FROM room_care
    WHERE room_care.look_at <= now() - interval '1 hour'"""


def upgrade() -> None:
    op.create_table(
        "room_care",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signs", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("quiet_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["room_id"], ["room.room_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id"),
    )
    op.create_index("room_care_by_look", "room_care", ["look_at"])
    op.execute(
        "INSERT INTO room_care (room_id, opened_at, look_at)"
        " SELECT room_id, coalesce(published_at, now()), now() + random() * interval '1 day'"
        " FROM room WHERE status = 'published'"
    )
    op.execute(_TO_LOOK_AFTER)


def downgrade() -> None:
    op.execute("DROP VIEW room_to_look_after")
    op.drop_table("room_care")
