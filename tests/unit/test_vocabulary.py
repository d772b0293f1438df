"""Python files keep to the vocabulary: names, prose and sentences use no word that the glossary retires."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from tests.support.every_case import every_case
from tests.support.kept import in_each_file, text_of
from tests.unit.fixed_names import FIXED
from tests.unit.vocabulary import (
    ROOT,
    RULES,
    allowed_in,
    has_any,
    old_definitions,
    retired_in_path,
    retired_words,
    sources,
    words_of,
)

ALWAYS = ("wish", "told", "heard", "anew")
ALWAYS_RETIRED = re.compile(rf"\b({'|'.join(ALWAYS)})\b", re.IGNORECASE)
"""Whole words that no Python file has, in a sample text or a statement neither, except as a fixed name."""


def in_all(look: Callable[[Path], Iterable[str]]) -> list[str]:
    """Return what is found in all sources."""
    return [each for found in in_each_file(look, sources(), rules=RULES).values() for each in found]


def test_names_prose_and_sentences_use_no_retired_word() -> None:
    found = in_all(retired_words)
    assert not found, f"{len(found)} uses, see contracts/GLOSSARY.md:\n" + "\n".join(found)


def test_paths_have_no_retired_word() -> None:
    found = in_all(retired_in_path)
    assert not found, f"{len(found)} paths:\n" + "\n".join(found)


def test_whole_words_that_are_retired_stand_only_where_names_are_fixed() -> None:
    found = in_all(always_retired)
    assert not found, f"{len(found)} uses, see fixed_names.py:\n" + "\n".join(found)


def always_retired(path: Path) -> Iterator[str]:
    """Yield the lines of a file that have a word of ``ALWAYS``."""
    if not has_any(text_of(path), ALWAYS):
        return
    name = str(path.relative_to(ROOT))
    for line, each in enumerate(text_of(path).splitlines(), 1):
        if {word.lower() for word in ALWAYS_RETIRED.findall(each)} - allowed_in(name):
            yield f"{name}:{line}: {each.strip()[:80]}"


def test_every_fixed_name_is_still_used() -> None:
    gone = [f"{name}: {each}" for name, (words, _) in FIXED.items() for each in words if not _uses(ROOT / name, each)]
    assert not gone


def _uses(path: Path, word: str) -> bool:
    return path.is_file() and word in words_of(text_of(path))


def test_modules_and_what_they_define_have_no_name_of_before() -> None:
    found = in_all(old_definitions)
    assert not found, f"{len(found)} names:\n" + "\n".join(found)


def in_a_module(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "module.py") -> Path:
    monkeypatch.setattr("tests.unit.vocabulary.ROOT", folder)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    monkeypatch.setattr("tests.unit.vocabulary.text_of", lambda _: text)
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
