"""Texts for PostgreSQL's text search, each in the dictionary of its language."""

from collections.abc import Sequence

from practio_rooms.domain.languages import DICTIONARIES, SIMPLE

_WEIGHTS = "ABCD"
_OF_ROW = (
    "CASE dictionary "
    + " ".join(f"WHEN '{name}' THEN '{name}'::regconfig" for name in DICTIONARIES if name != SIMPLE)
    + f" ELSE '{SIMPLE}'::regconfig END"
)


def words_of(texts: Sequence[str]) -> str:
    """Return the expression of a generated column for the words of a row, as people type them.

    ``texts`` are up to four SQL expressions, those that weigh most first. The database's function ``all_words`` reads
    each as ``simple`` words without accents and capitals, and in the dictionary that the row's column ``dictionary``
    names, with accents and without.
    """
    nothing = ["''::text"] * (len(_WEIGHTS) - len(texts))
    return f"all_words(dictionary, {', '.join([*texts, *nothing])})"


def former_words_of(texts: Sequence[str]) -> str:
    """Return the expression that the release before searches: ``texts`` as written, and in the row's dictionary."""
    return " || ".join(
        f"setweight(to_tsvector('{SIMPLE}'::regconfig, {text}) || to_tsvector({_OF_ROW}, {text}), '{weight}')"
        for weight, text in zip(_WEIGHTS, texts, strict=False)
    )
