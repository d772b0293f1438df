"""Search in every language, and by the next session."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_IS_PUBLISHED = sa.text("status = 'published'")
_FILTERS = ("format", "mode", "language", "domain", "policy", "sponsor_kind", "sponsor_name", "has_free_seats")
_NEVER = -(2**63)
_DICTIONARIES = {
    "arabic": "ar",
    "armenian": "hy",
    "basque": "eu",
    "catalan": "ca",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hindi": "hi",
    "hungarian": "hu",
    "indonesian": "id",
    "irish": "ga",
    "italian": "it",
    "lithuanian": "lt",
    "nepali": "ne",
    "norwegian": "nb nn no",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "serbian": "sr",
    "spanish": "es",
    "swedish": "sv",
    "tamil": "ta",
    "turkish": "tr",
    "yiddish": "yi",
}
_FIELDS = {"A": "title", "B": "domain", "C": "purpose", "D": "for_whom"}


def upgrade() -> None:
    op.add_column("room", sa.Column("dictionary", sa.Text()))
    op.add_column("room", sa.Column("soonness", sa.BigInteger()))
    op.execute(_derived())
    op.alter_column("room", "dictionary", nullable=False)
    op.alter_column("room", "soonness", nullable=False)
    _replace_words(_in_every_language())
    op.create_index("room_soonest", "room", ["soonness", "published_at", "room_id"], postgresql_where=_IS_PUBLISHED)
    for column in _FILTERS:
        name, columns = f"room_soonest_by_{column}", [column, "soonness", "published_at", "room_id"]
        op.create_index(name, "room", columns, postgresql_where=_IS_PUBLISHED)


def _derived() -> str:
    languages = " ".join(
        f"WHEN '{language}' THEN '{name}'" for name, tags in _DICTIONARIES.items() for language in tags.split()
    )
    return f"""
        UPDATE room SET
            dictionary = CASE split_part(language, '-', 1) {languages} ELSE 'simple' END,
            soonness = coalesce(
                - (extract(epoch FROM (snapshot ->> 'next_session_at')::timestamptz) * 1000000)::bigint, {_NEVER}
            )
    """


def _replace_words(expression: str) -> None:
    op.drop_index("room_by_words", "room")
    op.drop_column("room", "words")
    words = sa.Column("words", postgresql.TSVECTOR(), sa.Computed(expression, persisted=True), nullable=False)
    op.add_column("room", words)
    op.create_index("room_by_words", "room", ["words"], postgresql_using="gin", postgresql_where=_IS_PUBLISHED)


def _in_every_language() -> str:
    names = " ".join(f"WHEN '{name}' THEN '{name}'::regconfig" for name in _DICTIONARIES)
    own = f"CASE dictionary {names} ELSE 'simple'::regconfig END"
    texts = {weight: f"coalesce(snapshot ->> '{field}', '')" for weight, field in _FIELDS.items()}
    return " || ".join(
        f"setweight(to_tsvector('simple'::regconfig, {text}) || to_tsvector({own}, {text}), '{weight}')"
        for weight, text in texts.items()
    )


def _as_written() -> str:
    texts = " || ' ' || ".join(f"coalesce(snapshot ->> '{field}', '')" for field in _FIELDS.values())
    return f"to_tsvector('simple'::regconfig, {texts})"


def downgrade() -> None:
    for column in _FILTERS:
        op.drop_index(f"room_soonest_by_{column}", "room")
    op.drop_index("room_soonest", "room")
    _replace_words(_as_written())
    op.drop_column("room", "soonness")
    op.drop_column("room", "dictionary")
