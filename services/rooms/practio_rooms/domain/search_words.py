"""The words of a search as they are typed (services/rooms/README.md, Searches)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))')


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase; ``excluded``: matches do not contain it, ``begun``: it may be incomplete."""

    text: str
    excluded: bool = False
    begun: bool = False


Alternatives = Sequence[Sequence[Term]]
"""Terms that are looked up together, and instead of each other."""


def read_terms(typed: str) -> Alternatives:
    """Return the terms of a text: quotes around phrases, ``-`` before excluded words, ``or`` between alternatives.

    A quote inside a word belongs to it (Hebrew acronyms). A last word, unless it is excluded, may be only begun.
    """
    found = [match for match in _TERM.finditer(typed) if _has_letters(match["phrase"] or match["word"] or "")]
    alternatives: list[list[Term]] = [[]]
    for at, match in enumerate(found):
        is_last = at == len(found) - 1
        if _is_or(match) and alternatives[-1] and not is_last:
            alternatives.append([])
        elif match["phrase"] is not None:
            alternatives[-1].append(Term(match["phrase"], excluded=bool(match["minus"])))
        else:
            excluded = bool(match["minus"])
            begun = is_last and not excluded and not _is_or(match) and not typed[match.end() :].strip()
            alternatives[-1].append(Term(match["word"], excluded=excluded, begun=begun))
    return [terms for terms in alternatives if terms]


def _is_or(match: re.Match[str]) -> bool:
    return not match["minus"] and (match["word"] or "").casefold() == "or"


def _has_letters(text: str) -> bool:
    return any(character.isalnum() for character in text)
