"""How retired words are found in texts, and in the names, prose and sentences of Python files.

``contracts/GLOSSARY.md`` has the words to use, ``old_words.py`` those that they replace, ``fixed_names.py`` names on
the wire or on disk that keep them.
"""

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.support.kept import text_of
from tests.unit.fixed_names import FIXED
from tests.unit.old_words import DEFINITIONS, GENERAL, NAMES, PHRASES

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

ITS_OWN = ("vocabulary.py", "test_vocabulary.py", "test_template_vocabulary.py", "old_words.py", "fixed_names.py")
"""The files in this folder that contain retired words, since they are about them."""

RULES = tuple(Path(__file__).with_name(name) for name in ITS_OWN)
"""The modules that decide which words are found."""

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
OLD_PHRASE = re.compile(rf"\b(?:{'|'.join(PHRASES)})\b", re.IGNORECASE)
PHRASE_IN_A_NAME = re.compile("|".join(each.replace(" ", "_?") for each in PHRASES), re.IGNORECASE)
TEXTS = re.compile(
    r'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'|#[^\n]*|\btest_\w+",
)
"""What holds no name that is looked at for single words: texts, comments, and the names of tests."""


def _as_words(words: Iterable[str]) -> str:
    """Return the expression that finds words as parts of names: ``wish``, ``Wish`` and ``WISH``, also in the plural."""
    one_of = "|".join(words)
    forms = (rf"(?<![A-Za-z])(?:{one_of})", f"(?:{one_of.title()})", rf"(?<![A-Z])(?:{one_of.upper()})")
    return rf"(?:{'|'.join(forms)})[sS]?(?![a-z])"


def _parts(words: Collection[str]) -> list[str]:
    """Return the words that contain no other: a text without these has none of the words."""
    return [word for word in words if not any(other in word for other in words if other != word)]


IN_ANY_TEXT = re.compile(_as_words(GENERAL))
IN_CODE = re.compile(_as_words(NAMES))
PARTS_IN_ANY_TEXT = _parts(GENERAL)
PARTS_IN_CODE = _parts(NAMES)
PARTS_OF_NAMES = [each.replace(" ", between) for each in PHRASES for between in ("", "_")]
ANY_PART = re.compile(
    "|".join([*PARTS_IN_ANY_TEXT, *PARTS_IN_CODE, *(each.replace(" ", "[^a-z]*") for each in PHRASES)])
)
"""What each name and each sentence has, in small letters, in which a retired word or phrase can be found."""


def has_any(text: str, words: Iterable[str]) -> bool:
    """Return whether a text has any of the words, in capitals or not: an expression would take much longer."""
    small = text.lower()
    return any(word in small for word in words)


def may_use_any(text: str, allowed: set[str]) -> bool:
    """Return whether a file has retired words, or phrases in its texts: to look at each of its words takes longer."""
    found, prose = _found(IN_ANY_TEXT, PARTS_IN_ANY_TEXT, text), ""
    if has_any(text, PARTS_IN_CODE):
        found |= _found(IN_CODE, PARTS_IN_CODE, TEXTS.sub("", text))
    if any(phrase in text for phrase in PHRASES):
        prose = " ".join(TEXTS.findall(text))
    in_a_name = has_any(text, PARTS_OF_NAMES) and PHRASE_IN_A_NAME.search(text)
    return bool(found - allowed or OLD_PHRASE.search(prose) or in_a_name)


def _found(expression: re.Pattern[str], parts: Collection[str], text: str) -> set[str]:
    """Return the words that an expression finds, in small letters; only lines with one of their parts are searched."""
    if not has_any(text, parts):
        return set()
    lines = zip(text.splitlines(), text.lower().splitlines(), strict=True)
    searched = "\n".join(line for line, small in lines if ANY_PART.search(small))
    return {each.lower() for each in expression.findall(searched)}


def sources() -> Iterator[Path]:
    """Yield the Python files of all folders, without those that state or test the vocabulary itself."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not {".venv", ".previous"} & set(path.parts) and path not in RULES:
                yield path


def allowed_in(name: str) -> set[str]:
    """Return the retired words that a file may use, since they are fixed."""
    return FIXED.get(name, (set[str](), ""))[0]


def words_of(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}


def retired_in(text: str, words: Collection[str] = GENERAL.keys()) -> set[str]:
    """Return those of ``words`` that a text uses."""
    found = words_of(text)
    return (found | {word.removesuffix("s") for word in found}) & set(words)


def old_phrases_in(text: str) -> set[str]:
    return {found.lower() for found in OLD_PHRASE.findall(" ".join(text.split()))}


def old_phrases_in_name(name: str) -> set[str]:
    return old_phrases_in(" ".join(WORD.findall(name)))


def retired_words(path: Path) -> Iterator[str]:
    """Yield each retired word in the names, docstrings, comments and sentences of a file, with its line.

    Migrations have the names of tables and columns, so only their docstrings and comments are looked at; tests write
    these too, so only those of their sentences count that explain a failure.
    """
    text, name = text_of(path), str(path.relative_to(ROOT))
    allowed = allowed_in(name)
    if not may_use_any(text, allowed):
        return  # few files have any, and only those are read as Python
    names, comments = _names_and_comments(text)
    nodes = list(ast.walk(ast.parse(text)))
    prose, sentences = comments + _docstrings(nodes), []
    if path.parent.name == "versions":
        names = []
    elif name.startswith("tests/"):
        prose += _explanations(nodes)
    else:
        sentences = _sentences(nodes)
    names, prose, sentences = (
        [(line, each) for line, each in part if ANY_PART.search(each.lower())] for part in (names, prose, sentences)
    )
    found = [(line, each, retired_in(each)) for line, each in [*names, *prose]]
    found += [(line, each, retired_in(each, NAMES.keys())) for line, each in names if not each.startswith("test_")]
    found += [(line, each, old_phrases_in(each)) for line, each in prose]
    found += [(line, each, old_phrases_in_name(each)) for line, each in names]
    found += [(line, each, retired_in(each)) for line, each in sentences]
    for line, written, words in found:
        if words - allowed:
            yield f"{name}:{line}: {', '.join(sorted(words - allowed))} in {written.strip()[:80]!r}"


def _names_and_comments(text: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    names = [(token.start[0], token.string) for token in tokens if token.type == tokenize.NAME]
    return names, [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def _docstrings(nodes: Iterable[ast.AST]) -> list[tuple[int, str]]:
    """Return every line of every text that stands alone as a statement, with its number."""
    return [
        found
        for node in nodes
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for found in enumerate(node.value.value.splitlines(), node.lineno)
    ]


def _sentences(nodes: Collection[ast.AST]) -> list[tuple[int, str]]:
    """Return what a program prints, logs or answers: texts of several words that are no docstring."""
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings]
    return [(node.lineno, node.value) for node in texts if isinstance(node.value, str) and " " in node.value]


def _explanations(nodes: Iterable[ast.AST]) -> list[tuple[int, str]]:
    """Return what a test reports if it fails: messages of assertions and of waiting, and texts of exceptions."""
    found: list[ast.expr | None] = []
    for node in nodes:
        match node:
            case ast.Assert(msg=explained) | ast.Raise(exc=explained) | ast.keyword(arg="message", value=explained):
                found.append(explained)
    texts = [each for part in found if part for each in ast.walk(part) if isinstance(each, ast.Constant)]
    return [(each.lineno, each.value) for each in texts if isinstance(each.value, str)]


def retired_in_path(path: Path) -> Iterator[str]:
    """Yield the parts of a file's path that have a retired word."""
    name = path.relative_to(ROOT).with_suffix("")
    for part in name.parts:
        if found := _retired_in_part(part):
            yield f"{name}: {', '.join(sorted(found))} in {part!r}"


@cache
def _retired_in_part(part: str) -> set[str]:
    """Return the retired words in a folder's or file's name; most files are in the same few folders."""
    return retired_in(part, GENERAL.keys() | NAMES.keys()) | old_phrases_in_name(part)


def old_definitions(path: Path) -> Iterator[str]:
    """Yield the module, and each class, function and variable at the top of it, that has a name of before."""
    name = str(path.relative_to(ROOT))
    old = next((names for folder, names in DEFINITIONS.items() if name.startswith(f"{folder}/")), {})
    yield from (f"{name}: use {old[each]}" for each in path.relative_to(ROOT).with_suffix("").parts if each in old)
    if any(each in text_of(path) for each in old) and _may_define(text_of(path), frozenset(old)):
        for node in ast.parse(text_of(path)).body:
            for each in sorted(_defined_by(node) & old.keys()):
                yield f"{name}:{node.lineno}: {each}: use {old[each]}"


def _may_define(text: str, names: frozenset[str]) -> bool:
    """Return whether a module may define any of the names at its top: to read each as Python takes much longer.

    A line that is not indented has a name, or begins what goes on in the next ones.
    """
    return _top_lines_with(names).search(text) is not None


@cache
def _top_lines_with(names: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"^(?:[(\[]|[^\s#].*(?:\\$|\b(?:{'|'.join(names)})\b)|(?:{'|'.join(names)})\b)", re.MULTILINE)


def _defined_by(node: ast.stmt) -> set[str]:
    """Return the names that a statement at the top of a module defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            found = [each for target in targets for each in ast.walk(target)]
        case ast.AnnAssign(target=target):
            found = [target]
        case _:
            found = []
    return {each.id for each in found if isinstance(each, ast.Name)}
