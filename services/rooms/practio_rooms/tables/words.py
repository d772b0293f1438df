"""Texts for PostgreSQL's text search, each in the dictionary of its language."""

from collections.abc import Mapping

from practio_rooms.domain.languages import DICTIONARIES, SIMPLE

_OF_ROW = (
    "CASE dictionary "
    + " ".join(f"WHEN '{name}' THEN '{name}'::regconfig" for name in DICTIONARIES if name != SIMPLE)
    + f" ELSE '{SIMPLE}'::regconfig END"
)


def words_of(texts: Mapping[str, str]) -> str:
    """Return the expression of a generated column for the words of a row.

    ``texts`` are SQL expressions by their weight, A to D. Each text occurs twice: in the dictionary that the row's
    column ``dictionary`` names, and as it is written, for incomplete words.
    """
    return " || ".join(
        f"setweight(to_tsvector('{SIMPLE}'::regconfig, {text}) || to_tsvector({_OF_ROW}, {text}), '{weight}')"
        for weight, text in texts.items()
    )
