"""The code keeps to the vocabulary: names and prose use no word that the glossary retires.

``contracts/GLOSSARY.md`` has the words to use. ``EXCEPTIONS`` lists names that are fixed on the wire or on disk.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "contracts",
    "deploy",
    "services/chassis",
    "services/gateway",
    "services/membership",
    "services/notifications",
    "services/pages",
    "services/rooms",
    "tests",
)
"""The folders whose code keeps to the vocabulary."""

RETIRED = frozenset(["wish", "wishes", "wished", "told", "heard", "hear", "hears", "anew", "fact", "facts", "whoever"])
"""Words that no name, docstring or comment uses: each has a plain word instead."""

OPENINGS = frozenset(["Give", "Gives", "Say", "Says", "Tell", "Tells"])
"""Verbs that no docstring begins with: it returns, raises, publishes, or is something."""

EXCEPTIONS: dict[str, set[str]] = {
    "contracts/practio_contracts/membership/queries.py": {"fact"},
    "services/membership/practio_membership/queries/history.py": {"fact"},
    "services/membership/practio_membership/store/rows.py": {"wishes"},
    "services/membership/practio_membership/store/waitlist.py": {"wishes"},
    "services/membership/practio_membership/tables.py": {"fact", "told", "wishes"},
    "services/notifications/practio_notifications/letters/relevance.py": {"told"},
    "tests/integration/membership/test_hosting.py": {"fact"},
    "tests/unit/notifications/test_relevance.py": {"told"},
}
"""Retired words that a file may use, since a field, column or published name has them."""

STEMS = [word for word in RETIRED if not any(word != other and word.startswith(other) for other in RETIRED)]
"""What a text must contain, small, to use a retired word: to look at each of its words takes longer."""

OPENED = re.compile(rf"""["']\\?\s*(?:{"|".join(OPENINGS)})\b""")
"""What a module must contain if a docstring in it begins with one of these verbs."""

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            generated = {"versions", ".venv", ".previous"} & set(path.parts)
            if not generated and path != Path(__file__):
                yield path


def retired_in(text: str) -> set[str]:
    """Return the retired words in a text, as their singular."""
    found = {word.lower() for word in WORD.findall(text)}
    return (found | {word.removesuffix("s") for word in found}) & RETIRED


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def retired_words(path: Path) -> Iterator[str]:
    """Yield each use of a retired word in the names, docstrings and comments of a file, with its line."""
    text = _text(path)
    small = text.lower()
    allowed = EXCEPTIONS.get(str(path.relative_to(ROOT)), set())
    if not any(stem in small for stem in STEMS) or retired_in(text) <= allowed:
        return  # few files have any, and only those are read as Python
    for line, written in [*_names_and_comments(text), *_docstrings(text)]:
        if found := retired_in(written) - allowed:
            yield f"{path.relative_to(ROOT)}:{line}: {', '.join(sorted(found))} in {written.strip()[:80]!r}"


def _names_and_comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NAME, tokenize.COMMENT):
            yield token.start[0], token.string


def _docstrings(text: str) -> Iterator[tuple[int, str]]:
    """Yield every line of every text that stands alone as a statement, with its number."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from enumerate(node.value.value.splitlines(), node.lineno)


def opening(node: ast.AST) -> str | None:
    """Return the first word of a function's or class's docstring, None if it has none."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    return next(iter((ast.get_docstring(node) or "").split()), None)


def test_names_docstrings_and_comments_use_no_retired_word() -> None:
    found = [each for path in sources() for each in retired_words(path)]
    assert not found, f"{len(found)} uses, see contracts/GLOSSARY.md:\n" + "\n".join(found)


def test_docstrings_open_with_what_a_function_does() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {opening(node)}"
        for path in sources()
        if OPENED.search(_text(path))
        for node in ast.walk(ast.parse(_text(path)))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and opening(node) in OPENINGS
    ]
    assert not found, f"{len(found)} docstrings:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "told = 1",
        "class WishList: ...",
        "def f(): 'Return what was heard.'",
        "x = 1  # asked anew",
        "a.the_facts()",
        "heards = []",
    ],
)
def test_a_retired_word_is_found(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.test_vocabulary.ROOT", tmp_path)
    path = tmp_path / "module.py"
    path.write_text(text)
    assert len(list(retired_words(path))) == 1


@pytest.mark.parametrize("text", ["toldo = 1", "x = 'a wish'", "artefacts = 2", "'The room is published again.'"])
def test_other_words_and_texts_for_people_pass(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.test_vocabulary.ROOT", tmp_path)
    path = tmp_path / "module.py"
    path.write_text(text)
    assert not list(retired_words(path))
