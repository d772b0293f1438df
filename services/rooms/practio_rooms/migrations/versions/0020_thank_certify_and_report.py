"""Thank people, certify their attendance, and report how somebody behaves.

Attendance that was recorded before is counted by a background job, in lots.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thanks",
        sa.Column("thanks_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("thanks_id"),
    )
    op.create_index("thanks_by_room", "thanks", ["room_id", "thanked_at", "thanks_id"])
    op.create_index("thanks_by_person", "thanks", ["person_id"])
    op.create_index("thanks_by_author", "thanks", ["author_id", "room_id", "thanked_at"])
    op.create_index("thanks_by_time", "thanks", ["thanked_at"])
    op.create_table(
        "conduct_report",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("note_id", sa.Uuid(), nullable=True),
        sa.Column("about_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("report_id"),
    )
    op.create_index("conduct_report_by_room", "conduct_report", ["room_id", "reported_at", "report_id"])
    op.create_index("conduct_report_by_reporter", "conduct_report", ["reporter_id", "room_id", "reported_at"])
    op.create_index("conduct_report_about", "conduct_report", ["about_ids"], postgresql_using="gin")
    op.create_index("conduct_report_by_settler", "conduct_report", ["settled_by"])
    is_settled, is_open = sa.text("settled_at IS NOT NULL"), sa.text("settled_at IS NULL")
    op.create_index("conduct_report_settled", "conduct_report", ["settled_at"], postgresql_where=is_settled)
    op.create_index("conduct_report_by_time", "conduct_report", ["reported_at", "report_id"])
    op.create_index("conduct_report_open", "conduct_report", ["reported_at"], postgresql_where=is_open)
    op.create_table(
        "certificate",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("earlier_sessions", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("earlier_minutes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("earlier_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("earlier_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("certificate_by_person", "certificate", ["person_id", "room_id"], unique=True)
    op.add_column("attendance", sa.Column("certified", sa.Boolean(), nullable=False, server_default="false"))
    op.create_index(
        "attendance_uncertified",
        "attendance",
        ["recorded_at"],
        postgresql_where=sa.text("was_present AND NOT certified"),
    )


def downgrade() -> None:
    op.drop_index("attendance_uncertified", "attendance")
    op.drop_column("attendance", "certified")
    for name in ("certificate", "conduct_report", "thanks"):
        op.drop_table(name)
