"""Docstrings open with what a function returns, raises or does, or with what the thing is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.kept import in_each_file, text_of
from tests.unit.vocabulary import ROOT, sources

OPENINGS = frozenset(["Give", "Gives", "Say", "Says", "Tell", "Tells"])
"""Verbs that no docstring begins with: it returns, raises, publishes, or is something."""

OPENED = re.compile(rf"""["']\\?\s*(?:{"|".join(OPENINGS)})\b""")
"""What a module must contain if a docstring in it begins with one of these verbs."""


def opening(node: ast.AST) -> str | None:
    """Return the first word of a function's or class's docstring, None if it has none."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    return next(iter((ast.get_docstring(node) or "").split()), None)


def test_docstrings_open_with_what_a_function_does() -> None:
    looked_at = in_each_file(badly_opened, sources(), rules=[Path(__file__)])
    found = [each for of_file in looked_at.values() for each in of_file]
    assert not found, f"{len(found)} docstrings:\n" + "\n".join(found)


def badly_opened(path: Path) -> Iterator[str]:
    """Yield the docstrings of a module that open with one of these verbs."""
    text = text_of(path)
    if any(verb in text for verb in OPENINGS) and OPENED.search(text):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and opening(node) in OPENINGS:
                yield f"{path.relative_to(ROOT)}:{node.lineno}: {opening(node)}"
