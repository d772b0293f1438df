"""Know sponsors and their delegates, and fix months for reports over many rooms.

Rooms of a sponsor are found by an index of what their snapshots say, so that rows that the release before writes are
right too. Months are fixed by a loop of the service.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OPEN = "kind = 'people' AND last_month IS NULL"
_TO_COUNT = "was_present AND has_seat AND NOT counted"


def upgrade() -> None:
    op.create_table(
        "sponsor",
        sa.Column("sponsor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sponsor_id"),
    )
    op.create_table(
        "sponsor_delegate",
        sa.Column("sponsor_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("sponsor_id", "person_id"),
    )
    op.create_index("sponsor_delegate_by_person", "sponsor_delegate", ["person_id"])
    op.execute("""
        CREATE INDEX room_by_sponsor ON room ((snapshot -> 'sponsor' ->> 'sponsor_id'), room_id)
        WHERE snapshot -> 'sponsor' ->> 'sponsor_id' IS NOT NULL""")
    _lots()
    op.add_column("attendance", sa.Column("counted", sa.Boolean(), server_default="false", nullable=False))
    op.create_index("attendance_to_count", "attendance", ["room_id", "session_id"], postgresql_where=sa.text(_TO_COUNT))


def _lots() -> None:
    op.create_table(
        "month_fixed",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month"),
    )
    op.create_table(
        "room_month",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("sponsor_id", sa.Uuid(), nullable=True),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("sessions_held", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Integer(), nullable=False),
        sa.Column("useful", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("released", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.PrimaryKeyConstraint("room_id", "month"),
    )
    op.create_index("room_month_by_sponsor", "room_month", ["sponsor_id", "month"])
    op.create_index("room_month_by_month", "room_month", ["month"])
    op.create_table(
        "lot",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("sponsor_id", sa.Uuid(), nullable=True),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("last_month", sa.Date(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lot_id"),
    )
    op.create_index("lot_by_room", "lot", ["room_id", "month"])
    op.create_index("lot_by_sponsor", "lot", ["sponsor_id", "month"])
    op.create_index("lot_by_end", "lot", [sa.text("coalesce(last_month, month)")])
    op.create_index("lot_open", "lot", ["room_id"], postgresql_where=sa.text(_OPEN))
    op.create_table(
        "lot_person",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.lot_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("lot_id", "room_id", "person_id"),
    )
    op.create_index("lot_person_by_room", "lot_person", ["room_id"])
    op.create_index("lot_person_by_person", "lot_person", ["person_id"])
    op.create_table(
        "lot_waiting",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "room_id", "person_id"),
    )
    op.create_index("lot_waiting_by_room", "lot_waiting", ["room_id"])
    op.create_index("lot_waiting_by_person", "lot_waiting", ["person_id"])
    op.create_index("lot_waiting_by_month", "lot_waiting", ["since"])


def downgrade() -> None:
    op.drop_index("attendance_to_count", "attendance")
    op.drop_column("attendance", "counted")
    for name in ("lot_waiting", "lot_person", "lot", "room_month", "month_fixed", "sponsor_delegate", "sponsor"):
        op.drop_table(name)
    op.drop_index("room_by_sponsor", "room")
