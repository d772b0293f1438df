"""Search as people type: without accents and capitals, and inside words of scripts that write no spaces.

PostgreSQL itself reads the text, in generated columns: so rows that the release before writes are found too. Only ICU's
root collation knows capitals on a server of every locale, also C. The functions are immutable SQL with a parsed body,
which a backup restores without a search path.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_IS_PUBLISHED = sa.text("status = 'published'")
_IS_KEPT = sa.text("status = 'kept'")
_DICTIONARIES = [
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
]
_CASE = 'COLLATE "und-x-icu"'
_IS_ASCII = "octet_length(typed) = char_length(typed)"

_MARKS = (
    r"\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640"
    r"\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u2064\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff"
)
"""Marks that people leave out: accents, Hebrew points, Arabic vowels, and characters of no width."""

_BETWEEN_WORDS = (
    r"\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    r"\u02b9-\u02df\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u0600-\u060f\u061b-\u061f"
    r"\u066a-\u066d\u06d4\u06dd\u06de\u06e9\u0964\u0965\u0970\u0e2f\u0e3f\u0e4f\u0e5a\u0e5b\u104a-\u104f\u1360-\u1368"
    r"\u1680\u17d4-\u17da\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d"
    r"\u30a0\u30fb\ufd3e\ufd3f\ufe10-\ufe1f\ufe30-\ufe6f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    r"\U0001f000-\U0001faff"
)
"""Punctuation and symbols, in every locale the same."""

_WITHOUT_SPACES = (
    r"\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u103f\u1050-\u1055"
    r"\u1780-\u17b3\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u309f"
    r"\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Letters of Thai, Lao, Burmese, Khmer, Chinese, Japanese and Korean: each is looked up on its own."""

_FOLLOWING = (
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u17b4-\u17d3"
    r"\u3099\u309a"
)
"""Marks that belong to the letter before them."""

_LOWERED = f"""
    CREATE FUNCTION lowered(typed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN lower(normalize(typed, NFKC) {_CASE})"""
_FOLDED = f"""
    CREATE FUNCTION folded(typed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN {_IS_ASCII} THEN lower(typed {_CASE}) ELSE normalize(replace(replace(replace(translate(
        regexp_replace(
            normalize(lower(upper(normalize(typed, NFKD) {_CASE}) {_CASE}), NFKD), '[{_MARKS}]+', '', 'g'
        ), 'øđłħŧıςðىیک', 'odlhtiσdييك'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), NFC) END"""
_SPACED = f"""
    CREATE FUNCTION spaced(typed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN {_IS_ASCII} THEN regexp_replace(typed, '[^0-9A-Za-z]+', ' ', 'g')
        ELSE regexp_replace(regexp_replace(typed, '[{_BETWEEN_WORDS}]+', ' ', 'g'),
            '([{_WITHOUT_SPACES}][{_FOLLOWING}]*)', ' \\1 ', 'g') END"""


def upgrade() -> None:
    for function in (_LOWERED, _FOLDED, _SPACED, _text_words()):
        op.execute(sa.text(function.replace(":", "\\:")))
    texts = (f"coalesce(snapshot ->> '{field}', '')" for field in ("title", "domain", "purpose", "for_whom"))
    op.execute(
        f"ALTER TABLE room ADD COLUMN text_words TSVECTOR GENERATED ALWAYS AS ({_all_words(*texts)}) STORED NOT NULL, "
        "ADD COLUMN folded_domain TEXT GENERATED ALWAYS AS (folded(domain)) STORED, "
        "ADD COLUMN folded_sponsor_name TEXT GENERATED ALWAYS AS (folded(sponsor_name)) STORED"
    )
    op.execute(
        "ALTER TABLE note ADD COLUMN text_words TSVECTOR GENERATED ALWAYS AS "
        f"({_all_words('title', 'text', _NOTHING, _NOTHING)}) STORED NOT NULL"
    )
    op.create_index("room_by_text", "room", ["text_words"], postgresql_using="gin", postgresql_where=_IS_PUBLISHED)
    op.create_index("note_by_text", "note", ["text_words"], postgresql_using="gin", postgresql_where=_IS_KEPT)
    for column in ("folded_domain", "folded_sponsor_name"):
        for name, order in (("newest", []), ("soonest", ["soonness"])):
            columns = [column, *order, "published_at", "room_id"]
            op.create_index(f"room_{name}_by_{column}", "room", columns, postgresql_where=_IS_PUBLISHED)


_NOTHING = "''::text"


def _all_words(*texts: str) -> str:
    return f"all_words(dictionary, {', '.join(texts)})"


def _text_words() -> str:
    """One call reads all texts of a row: each call starts PostgreSQL's executor."""
    read = ", ".join(f"spaced(folded({each})) AS {each}, spaced(lowered({each})) AS own_{each}" for each in "abcd")
    both = ", ".join(
        f"{each}, CASE WHEN own_{each} = {each} THEN {each} ELSE own_{each} || ' ' || {each} END AS both_{each}"
        for each in "abcd"
    )
    names = " ".join(f"WHEN '{name}' THEN '{name}'::regconfig" for name in _DICTIONARIES)
    words = " || ".join(
        f"setweight(to_tsvector('simple'::regconfig, {each}) || coalesce(to_tsvector(own, both_{each}), ''), "
        f"'{each.upper()}')"
        for each in "abcd"
    )
    return f"""
        CREATE FUNCTION all_words(dictionary text, a text, b text, c text, d text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (SELECT {words} FROM (
            SELECT CASE dictionary {names} END AS own, {both} FROM (SELECT {read} OFFSET 0) AS texts OFFSET 0
        ) AS texts)"""


def downgrade() -> None:
    op.drop_column("note", "text_words")
    for column in ("text_words", "folded_domain", "folded_sponsor_name"):
        op.drop_column("room", column)
    for function in ("all_words", "spaced", "folded", "lowered"):
        op.execute(f"DROP FUNCTION {function}")
