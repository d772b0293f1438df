"""The words of a search as they are typed (rooms.md, Search)."""


def begun_word(text: str) -> str | None:
    """Return the last word of ``text``, which may be incomplete; None if it is complete, excluded or an operator.

    ``text`` is read as by PostgreSQL's ``websearch_to_tsquery``: quotes around phrases, ``-`` before excluded words,
    ``or``.
    """
    last = (text.split() or [""])[-1]
    if not last or last.startswith("-") or last.lower() == "or" or text.count('"') % 2 or '"' in last:
        return None
    return last


def beginning(word: str) -> str:
    """Return the text of a ``to_tsquery`` that finds words with the prefix ``word``."""
    inner = word.replace("\\", "").replace("'", "''")
    return f"'{inner}':*"
