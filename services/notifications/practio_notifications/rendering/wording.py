"""How things are put to a reader: the catalogues that letters are translated by, and text on one safe line."""

import re
import unicodedata
from pathlib import Path

from practio_chassis.i18n import Catalogues

CATALOGUES = Catalogues(Path(__file__).parent.parent / "locales", "letters")
"""Letters in every language: the reader's is taken, else the room's, else English."""

_JOINERS = "\u200c\u200d"
_LONGEST_LINE = 200
_BREAKING = re.compile(r"[ \t\r\n]+")


def one_line(text: str) -> str:
    """Return ``text`` on one line, without control or direction marks, cut at 200 characters.

    Only in this form may text that a person typed stand in a sentence or header; joiners stay, since scripts and emoji
    need them. A typed ``=?`` is split, so that no mail program decodes it (RFC 2047).
    """
    kept = text if text.isprintable() else "".join(_kept(character) for character in text)
    line = flowing(kept).replace("=?", "= ?")
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1].rstrip()}…"


def flowing(text: str) -> str:
    """Return ``text`` as one run of words; non-breaking spaces, such as French has before punctuation, stay."""
    return " ".join(_BREAKING.split(text.strip()))


def _kept(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" if character not in _JOINERS:
            return ""
        case _:
            return character
