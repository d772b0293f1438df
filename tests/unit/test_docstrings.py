"""Docstrings open with what a function returns, raises or does, or with what the thing is."""

import ast
import re

from tests.unit.vocabulary import ROOT, sources, text_of

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
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {opening(node)}"
        for path in sources()
        if any(verb in text_of(path) for verb in OPENINGS) and OPENED.search(text_of(path))
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and opening(node) in OPENINGS
    ]
    assert not found, f"{len(found)} docstrings:\n" + "\n".join(found)
