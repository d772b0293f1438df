"""What docstrings, comments and READMEs refer to is in the repository: files, folders, sections of a README."""

import ast
import io
import os
import re
import tokenize
from collections.abc import Iterator
from functools import cache

from tests.support.every_case import every_case
from tests.support.kept import text_of
from tests.unit.vocabulary import ROOT

MARKDOWN = re.compile(r"(?<![\w/.-])((?:[\w.-]+/)*[\w-]+\.md)\b")
"""The path of a README in a docstring or comment, from the top of the repository."""

SECTION = re.compile(r"\(((?:[\w.-]+/)*[\w-]+\.md), ([^():;]+)")
"""A README and the section of it: ``(services/rooms/README.md, Searches)``."""

BEFORE_A_SECTION = re.compile(r"\((?:[\w.-]+/)*[\w-]+\.md,")
"""What a module must contain if it names a section."""

QUOTED = re.compile(r"`(\w[\w.-]*(?:/[\w.-]+)*(?:\.py|\.md|/))`")
"""A file of Python or Markdown, or a folder with a slash at its end, in a README."""

QUOTED_SECTION = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.md)`\)?, \*([^*]+)\*")

NOT_HERE = {"CHANGELOG.md", "deploy/postgres/README.md", "deploy/rabbitmq/README.md"}
"""The changelog describes what was; the other two name files from their own folder, in which they are read alone."""


@cache
def files() -> tuple[str, ...]:
    """Return the path of every file, without what tools keep in hidden folders."""
    folders = [each for each in ROOT.iterdir() if each.is_dir() and not each.name.startswith(".")]
    found = [f"{place}/{name}" for folder in folders for place, _, names in os.walk(folder) for name in names]
    return (*(path.name for path in ROOT.glob("*.md")), *(each.removeprefix(f"{ROOT}/") for each in found))


def prose(text: str) -> Iterator[str]:
    """Yield the docstrings and comments of a module, each as one line."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield " ".join(node.value.value.split())


@cache
def headings(path: str) -> frozenset[str]:
    return frozenset(re.findall(r"^#+ (.+)$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE))


def may_be_lost(text: str) -> bool:
    """Return whether a module names a section, or a file that is not there: to read each as Python takes long."""
    if ".md" not in text:
        return False
    return bool(BEFORE_A_SECTION.search(text)) or not all((ROOT / path).is_file() for path in MARKDOWN.findall(text))


def lost_in(text: str) -> set[str]:
    """Return what a module's docstrings and comments refer to and is not there."""
    if not may_be_lost(text):
        return set()
    lost = set()
    for each in prose(text):
        lost |= {path for path in MARKDOWN.findall(each) if not (ROOT / path).is_file()}
        sections = [(path, title.strip()) for path, title in SECTION.findall(each) if (ROOT / path).is_file()]
        lost |= {f"{path}, {title}" for path, title in sections if title not in headings(path)}
    return lost


def test_docstrings_and_comments_refer_to_files_and_sections_that_exist() -> None:
    modules = [path for path in files() if path.endswith(".py") and path != "tests/unit/test_references.py"]
    found = {path: lost_in(text_of(ROOT / path)) for path in modules}
    assert {path: lost for path, lost in found.items() if lost} == {}


def test_readmes_refer_to_files_and_sections_that_exist() -> None:
    readmes = [path for path in files() if path.endswith(".md") and path not in NOT_HERE]
    found = {path: [*_lost_files(path), *_lost_sections(path)] for path in readmes}
    assert {path: lost for path, lost in found.items() if lost} == {}


def _lost_files(readme: str) -> list[str]:
    """Return the quoted files and folders that are nowhere, whatever folder the path begins in."""
    everywhere = "\n".join(f"/{path}" for path in files())
    named = QUOTED.findall((ROOT / readme).read_text(encoding="utf-8"))
    return [name for name in named if f"/{name}" not in everywhere]


def _lost_sections(readme: str) -> list[str]:
    text = " ".join((ROOT / readme).read_text(encoding="utf-8").split())
    return [f"{path}, {title}" for path, title in QUOTED_SECTION.findall(text) if title not in headings(path)]


@every_case(
    "text",
    [
        '"""The states (membership.md, States)."""',
        '"""The order (contracts/README.md, No such section)."""',
        "x = 1  # see promises.md",
        '"""The order (contracts/README.md,\nNo such section)."""',
    ],
)
def test_a_reference_that_leads_nowhere_is_found(text: str) -> None:
    assert lost_in(text)


@every_case(
    "text", ['"""The order (contracts/README.md, Refusals: readable first)."""', 'x = "(membership.md, States)"']
)
def test_a_reference_that_leads_somewhere_and_other_texts_pass(text: str) -> None:
    assert not lost_in(text)
