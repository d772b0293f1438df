"""Invite people of another room, whose place on its waitlist ends with their seat here.

The view has the places that should have ended a minute ago; the sweep and ``practio invariants`` read it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TO_GIVE_UP = """
    CREATE VIEW place_to_give_up AS
    SELECT place.room_id, place.person_id, place.membership_id, seat.room_id AS to_room_id, seat.since AS seated_at
    FROM membership AS seat
    JOIN membership AS place ON place.room_id = seat.from_room_id AND place.person_id = seat.person_id
        AND place.status IN ('requested', 'waitlisted', 'offered')
        AND (place.requested_at IS NULL OR place.requested_at <= seat.since)
    JOIN room ON room.room_id = place.room_id AND room.ended IS NOT TRUE
    WHERE seat.status = 'joined' AND seat.from_room_id IS NOT NULL AND seat.since <= now() - interval '1 minute'"""


def upgrade() -> None:
    op.add_column("membership", sa.Column("from_room_id", sa.Uuid(), nullable=True))
    op.create_index(
        "membership_from_room",
        "membership",
        ["from_room_id", "person_id"],
        postgresql_where=sa.text("status IN ('joined') AND from_room_id IS NOT NULL"),
    )
    op.execute(_TO_GIVE_UP)


def downgrade() -> None:
    op.execute("DROP VIEW place_to_give_up")
    op.drop_index("membership_from_room", "membership")
    op.drop_column("membership", "from_room_id")
