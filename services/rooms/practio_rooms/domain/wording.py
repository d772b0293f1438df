"""What somebody who types into a search has in mind (rooms.md, Search)."""


def begun_word(text: str) -> str | None:
    """Give the word that ``text`` ends with, which may be only begun; None where it is done, left out or an operator.

    ``text`` is read as PostgreSQL's ``websearch_to_tsquery`` does: quotes around phrases, ``-`` before what is not
    wanted, ``or``.
    """
    last = (text.split() or [""])[-1]
    if not last or last.startswith("-") or last.lower() == "or" or text.count('"') % 2 or '"' in last:
        return None
    return last


def beginning(word: str) -> str:
    """Give the text of a ``to_tsquery`` that finds what begins with ``word``."""
    inner = word.replace("\\", "").replace("'", "''")
    return f"'{inner}':*"
