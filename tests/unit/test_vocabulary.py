"""The code keeps to the vocabulary: names, prose and sentences use no word that the glossary retires.

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

import pytest
from tests.support.every_case import every_case
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

OPENINGS = frozenset(["Give", "Gives", "Say", "Says", "Tell", "Tells"])
"""Verbs that no docstring begins with: it returns, raises, publishes, or is something."""

PROSE = ("README.md", "CONTRIBUTING.md", "contracts/*.md", "deploy/**/*.md", "services/*/README.md", "tests/README.md")
"""What people read besides the code; the changelog names what was."""

OPENED = re.compile(rf"""["']\\?\s*(?:{"|".join(OPENINGS)})\b""")
"""What a module must contain if a docstring in it begins with one of these verbs."""

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


IN_ANY_TEXT = re.compile(_as_words(GENERAL))
IN_CODE = re.compile(_as_words(NAMES))

ALWAYS_RETIRED = re.compile(r"\b(wish|told|heard|anew)\b", re.IGNORECASE)
"""Whole words that no Python file has, in a sample text or a statement neither, except as a fixed name."""

CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
"""Code in Markdown: names on the wire keep their old words."""


def may_use_any(text: str, allowed: set[str]) -> bool:
    """Return whether a file has retired words, or phrases in its texts: to look at each of its words takes longer."""
    names, prose = TEXTS.sub("", text), ""
    if any(phrase in text for phrase in PHRASES):
        prose = " ".join(TEXTS.findall(text))
    found = _found(IN_ANY_TEXT, GENERAL, text) | _found(IN_CODE, NAMES, names)
    return bool(found - allowed) or bool(OLD_PHRASE.search(prose) or PHRASE_IN_A_NAME.search(text))


def _found(expression: re.Pattern[str], words: Iterable[str], text: str) -> set[str]:
    small = text.lower()
    if not any(word in small for word in words):
        return set()
    return {found.lower() for found in expression.findall(text)}


def sources() -> Iterator[Path]:
    mine = {Path(__file__), *map(Path(__file__).with_name, ("old_words.py", "fixed_names.py"))}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not {".venv", ".previous"} & set(path.parts) and path not in mine:
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


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def retired_words(path: Path) -> Iterator[str]:
    """Yield each retired word in the names, docstrings, comments and sentences of a file, with its line.

    Migrations have the names of tables and columns, so only their docstrings and comments are looked at; tests write
    these too, so only those of their sentences count that explain a failure.
    """
    text, name = _text(path), str(path.relative_to(ROOT))
    allowed = allowed_in(name)
    if not may_use_any(text, allowed):
        return  # few files have any, and only those are read as Python
    names, comments = _names_and_comments(text)
    prose, sentences = comments + _docstrings(text), []
    if path.parent.name == "versions":
        names = []
    elif name.startswith("tests/"):
        prose += _explanations(text)
    else:
        sentences = _sentences(text)
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


def _docstrings(text: str) -> list[tuple[int, str]]:
    """Return every line of every text that stands alone as a statement, with its number."""
    return [
        found
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for found in enumerate(node.value.value.splitlines(), node.lineno)
    ]


def _sentences(text: str) -> list[tuple[int, str]]:
    """Return what a program prints, logs or answers: texts of several words that are no docstring."""
    tree = ast.parse(text)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings]
    return [(node.lineno, node.value) for node in texts if isinstance(node.value, str) and " " in node.value]


def _explanations(text: str) -> list[tuple[int, str]]:
    """Return what a test reports if it fails: messages of assertions and of waiting, and texts of exceptions."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Assert(msg=explained) | ast.Raise(exc=explained) | ast.keyword(arg="message", value=explained):
                found.append(explained)
    texts = [each for part in found if part for each in ast.walk(part) if isinstance(each, ast.Constant)]
    return [(each.lineno, each.value) for each in texts if isinstance(each.value, str)]


def opening(node: ast.AST) -> str | None:
    """Return the first word of a function's or class's docstring, None if it has none."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    return next(iter((ast.get_docstring(node) or "").split()), None)


def retired_in_path(path: Path) -> Iterator[str]:
    """Yield the parts of a file's path that have a retired word."""
    name = path.relative_to(ROOT).with_suffix("")
    for part in name.parts:
        if found := retired_in(part, GENERAL.keys() | NAMES.keys()) | old_phrases_in_name(part):
            yield f"{name}: {', '.join(sorted(found))} in {part!r}"


def old_definitions(path: Path) -> Iterator[str]:
    """Yield the module, and each class, function and variable at the top of it, that has a name of before."""
    name = str(path.relative_to(ROOT))
    old = next((names for folder, names in DEFINITIONS.items() if name.startswith(f"{folder}/")), {})
    yield from (f"{name}: use {old[each]}" for each in path.relative_to(ROOT).with_suffix("").parts if each in old)
    if any(each in _text(path) for each in old):
        for node in ast.parse(_text(path)).body:
            for each in sorted(_defined_by(node) & old.keys()):
                yield f"{name}:{node.lineno}: {each}: use {old[each]}"


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


def test_names_prose_and_sentences_use_no_retired_word() -> None:
    found = [each for path in sources() for each in retired_words(path)]
    assert not found, f"{len(found)} uses, see contracts/GLOSSARY.md:\n" + "\n".join(found)


def test_paths_have_no_retired_word() -> None:
    found = [each for path in sources() for each in retired_in_path(path)]
    assert not found, f"{len(found)} paths:\n" + "\n".join(found)


def test_whole_words_that_are_retired_stand_only_where_names_are_fixed() -> None:
    found = [
        f"{name}:{line}: {each.strip()[:80]}"
        for path in sources()
        if ALWAYS_RETIRED.search(_text(path))
        for name in [str(path.relative_to(ROOT))]
        for line, each in enumerate(_text(path).splitlines(), 1)
        if {word.lower() for word in ALWAYS_RETIRED.findall(each)} - allowed_in(name)
    ]
    assert not found, f"{len(found)} uses, see fixed_names.py:\n" + "\n".join(found)


def test_every_fixed_name_is_still_used() -> None:
    gone = [f"{name}: {each}" for name, (words, _) in FIXED.items() for each in words if not _uses(ROOT / name, each)]
    assert not gone


def _uses(path: Path, word: str) -> bool:
    return path.is_file() and word in words_of(_text(path))


def test_modules_and_what_they_define_have_no_name_of_before() -> None:
    found = [each for path in sources() for each in old_definitions(path)]
    assert not found, f"{len(found)} names:\n" + "\n".join(found)


def test_readmes_and_descriptions_use_no_retired_word() -> None:
    pages = {path for pattern in PROSE for path in ROOT.glob(pattern)}
    texts = {path: CODE.sub(lambda code: "\n" * code[0].count("\n"), _text(path)) for path in pages}
    for folder in (".", *FOLDERS, "deploy/operator"):
        for path in (ROOT / folder).glob("pyproject.toml"):
            texts[path] = "\n".join(re.findall(r"(?m)^(?:description|name) = .*|#.*", _text(path)))
    found = [
        f"{path.relative_to(ROOT)}:{line}: {', '.join(sorted(words))}"
        for path, text in sorted(texts.items())
        for line, each in enumerate(text.splitlines(), 1)
        if (words := retired_in(each) | old_phrases_in(each))
    ]
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


def in_a_module(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "module.py") -> Path:
    monkeypatch.setattr("tests.unit.test_vocabulary.ROOT", folder)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    _text.cache_clear()
    return path


@every_case(
    "text",
    [
        "told = 1",
        "class WishList: ...",
        "def f(): 'Return what was heard.'",
        "x = 1  # asked anew",
        "a.the_facts()",
        "heards = []",
        "said = []",
        "log.info('the wish was refused')",
        "x = 1  # people in line",
        "def f(): 'Return the people in queue order.'",
        "def test_people_in_line_wait(): ...",
        "class FirstInLine: ...",
    ],
)
def test_a_retired_word_is_found(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(list(retired_words(in_a_module(text, tmp_path, monkeypatch)))) == 1


@every_case(
    ("name", "text"),
    [
        ("tests/unit/test_a.py", "assert x, 'it was heard'"),
        ("tests/unit/test_a.py", "assert x, f'{x} of those in line'"),
        ("tests/unit/test_a.py", "await eventually(has, message='rooms told it')"),
        ("tests/unit/test_a.py", "def f():\n    raise TypeError('no facts')"),
        ("tests/unit/test_a.py", "x = 1  # asked anew"),
        ("services/rooms/versions/0001.py", "def upgrade(): 'Number the facts.'"),
        ("services/rooms/versions/0001.py", "x = 1  # as it was told"),
    ],
)
def test_a_retired_word_is_found_in_messages_of_tests_and_in_prose_of_migrations(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(list(retired_words(in_a_module(text, tmp_path, monkeypatch, name)))) == 1


@every_case(
    "name",
    ["services/pages/told.py", "services/tells/a.py", "tests/unit/test_story.py", "tests/unit/test_people_in_line.py"],
)
def test_a_retired_word_is_found_in_a_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(list(retired_in_path(in_a_module("", tmp_path, monkeypatch, name)))) == 1


@every_case(
    ("name", "text"),
    [
        ("services/rooms/versions/0001.py", "sa.Column('told', comment='what was told')"),
        ("services/rooms/versions/0001.py", "told = sa.Uuid()"),
        ("tests/unit/test_a.py", "x = 'UPDATE room SET told = 1'"),
        ("services/pages/a.py", ""),
    ],
)
def test_statements_and_names_in_migrations_and_samples_in_tests_pass(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = in_a_module(text, tmp_path, monkeypatch, name)
    assert not [*retired_words(path), *retired_in_path(path)]


@every_case(
    "text",
    [
        "toldo = 1",
        "x = 'wishes'",
        "artefacts = 2",
        "'The room is published again.'",
        "def test_the_page_says_why(): ...",
        "x = 1  # the broker says so",
    ],
)
def test_other_words_and_names_on_the_wire_pass(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not list(retired_words(in_a_module(text, tmp_path, monkeypatch)))


def test_a_name_of_before_is_found_in_its_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = in_a_module("class Aside: ...", tmp_path, monkeypatch, "services/chassis/settling.py")
    assert len(list(old_definitions(there))) == 2
    elsewhere = in_a_module("class Aside: ...", tmp_path, monkeypatch, "services/pages/settling.py")
    assert not list(old_definitions(elsewhere))


@every_case("text", ["Work = tuple[str, float]", "Work: object = None", "Aside, other = 1, 2"])
def test_a_variable_with_a_name_of_before_is_found(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(old_definitions(in_a_module(text, tmp_path, monkeypatch, "services/chassis/module.py")))
    assert [each.split(":")[1] for each in found] == ["1"]
