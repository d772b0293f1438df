"""Know who comes to a session and who came, and tell that it is over or cannot run.

What is over already is not published as over. Sessions that begin within two days count as checked: their hosts know.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TO_COME = "status = 'scheduled' AND NOT over_published"
_UNCHECKED = f"{_TO_COME} AND risk_checked_for IS DISTINCT FROM starts_at"
_WITHIN_TWO_DAYS = "starts_at <= now() + interval '48 hours'"

_TO_WATCH = """
    CREATE VIEW session_to_watch AS
    SELECT session.room_id, session.session_id, 'over' AS purpose, session.ends_at AS due_at
    FROM session JOIN room ON room.room_id = session.room_id
    WHERE session.status = 'scheduled' AND NOT session.over_published
        AND session.ends_at <= now() - interval '1 minute'
        AND room.status <> 'draft' AND session.starts_at >= room.published_at
    UNION ALL
    SELECT session.room_id, session.session_id, 'risk', session.starts_at - interval '48 hours'
    FROM session JOIN room ON room.room_id = session.room_id
    WHERE session.status = 'scheduled' AND NOT session.over_published
        AND session.risk_checked_for IS DISTINCT FROM session.starts_at
        AND session.starts_at > now() AND session.starts_at <= now() + interval '48 hours' - interval '1 minute'
        AND room.status <> 'draft'"""


def upgrade() -> None:
    op.create_table(
        "session_answer",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("coming", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("room_id", "session_id", "person_id"),
    )
    op.create_index("session_answer_by_person", "session_answer", ["person_id"])
    op.create_index("session_answer_by_membership", "session_answer", ["membership_id"])
    op.create_index("session_answer_by_start", "session_answer", ["starts_at"])
    op.create_table(
        "session_part",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("room_id", "session_id", "number"),
    )
    op.create_index("session_part_by_person", "session_part", ["person_id"])
    op.create_index("session_part_by_plan", "session_part", ["planned_at"])
    op.create_table(
        "attendance",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("was_present", sa.Boolean(), nullable=False),
        sa.Column("has_seat", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("room_id", "session_id", "person_id"),
    )
    op.create_index("attendance_by_person", "attendance", ["person_id"])
    op.create_index("attendance_by_record", "attendance", ["recorded_at"])
    op.create_table(
        "announcement",
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("announcement_id"),
    )
    op.create_index("announcement_by_room", "announcement", ["room_id", "announced_at"])
    op.create_index("announcement_by_author", "announcement", ["author_id"])
    op.create_index("announcement_by_time", "announcement", ["announced_at"])
    op.add_column("session", sa.Column("guests", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column("session", sa.Column("event_number", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("session", sa.Column("over_published", sa.Boolean(), nullable=False, server_default="true"))
    op.add_column("session", sa.Column("risk_checked_for", sa.DateTime(timezone=True), nullable=True))
    # The default spares a rewrite of all sessions that are over: only those to come are written.
    op.alter_column("session", "over_published", server_default="false")
    op.execute("UPDATE session SET over_published = false WHERE ends_at > now()")
    op.execute(f"UPDATE session SET risk_checked_for = starts_at WHERE {_TO_COME} AND {_WITHIN_TWO_DAYS}")
    op.create_index("session_to_come", "session", ["room_id"], postgresql_where=sa.text(_TO_COME))
    op.create_index("session_to_come_by_end", "session", ["ends_at"], postgresql_where=sa.text(_TO_COME))
    op.create_index("session_unchecked", "session", ["starts_at"], postgresql_where=sa.text(_UNCHECKED))
    op.execute(_TO_WATCH)


def downgrade() -> None:
    op.execute("DROP VIEW session_to_watch")
    for name in ("session_unchecked", "session_to_come_by_end", "session_to_come"):
        op.drop_index(name, "session")
    for name in ("risk_checked_for", "over_published", "event_number", "guests"):
        op.drop_column("session", name)
    for name in ("announcement", "attendance", "session_part", "session_answer"):
        op.drop_table(name)
