"""Lay out the schema: rooms, who is in them, and the tables of the chassis."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from practio_chassis.database.chassis_migrations import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IS_PUBLISHED = sa.text("status = 'published'")
_WORDS = (
    "to_tsvector('simple'::regconfig, coalesce(snapshot ->> 'title', '') || ' ' || "
    "coalesce(snapshot ->> 'domain', '') || ' ' || coalesce(snapshot ->> 'purpose', '') || ' ' || "
    "coalesce(snapshot ->> 'for_whom', ''))"
)
_FILTERS = ("format", "mode", "language", "domain", "policy", "sponsor_kind", "sponsor_name", "has_free_seats")


def upgrade() -> None:
    _create_rooms()
    _index_rooms()
    op.create_table(
        "presence",
        sa.Column("membership_id", sa.Uuid(), primary_key=True),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
    )
    op.create_index("presence_by_room", "presence", ["room_id", "person_id"])
    create_chassis_tables()


def _create_rooms() -> None:
    op.create_table(
        "room",
        sa.Column("room_id", sa.Uuid(), primary_key=True),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("guidelines_version", sa.Integer(), nullable=False),
        sa.Column("office_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("format", sa.Text()),
        sa.Column("mode", sa.Text()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text()),
        sa.Column("policy", sa.Text()),
        sa.Column("sponsor_kind", sa.Text(), nullable=False),
        sa.Column("sponsor_name", sa.Text()),
        sa.Column("seats_free", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("has_free_seats", sa.Boolean(), sa.Computed("seats_free > 0", persisted=True), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), sa.Computed(_WORDS, persisted=True), nullable=False),
        sa.CheckConstraint("seats_free >= 0 AND waiting >= 0", name="room_counts"),
    )


def _index_rooms() -> None:
    op.create_index("room_by_office", "room", ["office_ids"], postgresql_using="gin")
    op.create_index("room_by_words", "room", ["words"], postgresql_using="gin", postgresql_where=_IS_PUBLISHED)
    op.create_index("room_newest", "room", ["published_at", "room_id"], postgresql_where=_IS_PUBLISHED)
    for column in _FILTERS:
        name, columns = f"room_newest_by_{column}", [column, "published_at", "room_id"]
        op.create_index(name, "room", columns, postgresql_where=_IS_PUBLISHED)


def downgrade() -> None:
    drop_chassis_tables()
    for table in ("presence", "room"):
        op.drop_table(table)
