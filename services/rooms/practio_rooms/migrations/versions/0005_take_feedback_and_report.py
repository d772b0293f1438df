"""Accept feedback without names, and keep the timelines of memberships."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STEPS = ("requested_at", "waitlisted_at", "offered_at", "joined_at", "declined_at", "left_at")


def upgrade() -> None:
    op.create_table("feedback_given", *(sa.Column(f"{of}_id", sa.Uuid(), primary_key=True) for of in _GIVEN))
    op.create_index("feedback_given_by_person", "feedback_given", ["person_id"])
    op.create_table("feedback_waiting", *_answer("answer_id"), _useful(), sa.Column("comment", sa.Text()))
    op.create_index("feedback_waiting_by_room", "feedback_waiting", ["room_id"])
    op.create_table("feedback_number", *_answer("number_id"), _useful())
    op.create_index("feedback_number_by_room", "feedback_number", ["room_id", "session_id"])
    op.create_table("feedback_comment", *_answer("comment_id"), sa.Column("comment", sa.Text(), nullable=False))
    op.create_index("feedback_comment_by_room", "feedback_comment", ["room_id", "session_id"])
    _create_passages()


_GIVEN = ("room", "session", "person")


def _answer(identity: str) -> list[sa.Column[object]]:
    return [
        sa.Column(identity, sa.Uuid(), primary_key=True),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid()),
    ]


def _useful() -> sa.Column[int]:
    return sa.Column("useful", sa.SmallInteger(), nullable=False)


def _create_passages() -> None:
    op.create_table(
        "passage",
        sa.Column("membership_id", sa.Uuid(), primary_key=True),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        *(sa.Column(step, sa.DateTime(timezone=True)) for step in _STEPS),
    )
    op.create_index("passage_by_room", "passage", ["room_id"])
    op.create_index("passage_by_person", "passage", ["person_id"])
    op.create_table("forgotten", sa.Column("person_id", sa.Uuid(), primary_key=True))


def downgrade() -> None:
    for table in ("forgotten", "passage", "feedback_comment", "feedback_number", "feedback_waiting", "feedback_given"):
        op.drop_table(table)
