"""Keep practice notes, and who was in a room when it ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_IS_KEPT = sa.text("status = 'kept'")
_IS_KEPT_AND_PUBLIC = sa.text("status = 'kept' AND confidential IS false")
_DICTIONARIES = (
    "arabic",
    "armenian",
    "basque",
    "catalan",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "hindi",
    "hungarian",
    "indonesian",
    "irish",
    "italian",
    "lithuanian",
    "nepali",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "serbian",
    "spanish",
    "swedish",
    "tamil",
    "turkish",
    "yiddish",
)


def upgrade() -> None:
    op.create_index("presence_by_person", "presence", ["person_id"])
    op.create_table(
        "ending",
        sa.Column("membership_id", sa.Uuid(), primary_key=True),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("was_in_it", sa.Boolean(), nullable=False),
    )
    op.create_index("ending_by_room", "ending", ["room_id", "person_id"])
    op.create_index("ending_by_person", "ending", ["person_id"])
    _create_notes()


def _create_notes() -> None:
    op.create_table(
        "note",
        sa.Column("note_id", sa.Uuid(), primary_key=True),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("dictionary", sa.Text(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), sa.Computed(_words(), persisted=True), nullable=False),
    )
    newest = ["room_id", "recorded_at", "note_id"]
    op.create_index("note_newest", "note", newest, postgresql_where=_IS_KEPT)
    op.create_index("note_newest_public", "note", newest, postgresql_where=_IS_KEPT_AND_PUBLIC)
    op.create_index("note_by_words", "note", ["words"], postgresql_using="gin", postgresql_where=_IS_KEPT)
    op.create_index("note_by_author", "note", ["author_id"])


def _words() -> str:
    names = " ".join(f"WHEN '{name}' THEN '{name}'::regconfig" for name in _DICTIONARIES)
    own = f"CASE dictionary {names} ELSE 'simple'::regconfig END"
    return " || ".join(
        f"setweight(to_tsvector('simple'::regconfig, {text}) || to_tsvector({own}, {text}), '{weight}')"
        for weight, text in (("A", "title"), ("B", "text"))
    )


def downgrade() -> None:
    op.drop_table("note")
    op.drop_table("ending")
    op.drop_index("presence_by_person", "presence")
