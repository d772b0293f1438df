"""What was found in files is found again in those that changed, if the rules changed, and in thorough runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support import kept, thorough

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped

Look = Callable[..., dict[str, list[str]]]


@pytest.fixture
def looked_at() -> list[str]:
    """Return the names of the files that were looked at."""
    return []


@pytest.fixture
def look(tmp_path: Path, looked_at: list[str], monkeypatch: pytest.MonkeyPatch) -> Look:
    """Return what finds the capitals in texts, as one run of tests does."""
    monkeypatch.setattr(thorough._Run, "is_thorough", False)
    rules = tmp_path / "rules"

    def capitals(path: Path) -> list[str]:
        looked_at.append(path.name)
        return [each for each in path.read_text() if each.isupper()]

    def run(rule: str = "rule", version: str = "1", **texts: str) -> dict[str, list[str]]:
        for cached in (kept.text_of, kept._digest_of):
            cached.cache_clear()
        rules.write_text(rule)
        files = [tmp_path / name for name in texts]
        for path, text in zip(files, texts.values(), strict=True):
            path.write_text(text)
        found = kept.in_each_file(capitals, files, rules=[rules], versions=[version], folder=tmp_path / "kept")
        return {path.name: each for path, each in found.items()}

    return run


def test_only_a_file_that_changed_is_looked_at_again(look: Look, looked_at: list[str]) -> None:
    assert look(one="aBc", two="D") == look(one="aBc", two="D") == {"one": ["B"], "two": ["D"]}
    assert looked_at == ["one", "two"]
    assert look(one="aBc", two="DE") == {"one": ["B"], "two": ["D", "E"]}
    assert looked_at == ["one", "two", "two"]


def test_another_file_with_the_same_text_is_looked_at(look: Look, looked_at: list[str]) -> None:
    look(one="A")
    look(one="A", two="A")
    assert looked_at == ["one", "two"]


@pytest.mark.parametrize("changed", [{"rule": "another"}, {"version": "2"}])
def test_all_are_looked_at_again_if_the_rules_changed(
    look: Look, looked_at: list[str], changed: dict[str, str]
) -> None:
    look(one="A", two="B")
    look(one="A", two="B", **changed)
    assert looked_at == ["one", "two"] * 2


def test_all_are_looked_at_in_a_thorough_run(look: Look, looked_at: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    look(one="A")
    monkeypatch.setattr(thorough._Run, "is_thorough", True)
    look(one="A")
    assert looked_at == ["one", "one"]


def test_what_is_kept_of_files_that_are_gone_is_forgotten(look: Look, looked_at: list[str]) -> None:
    look(one="A", two="B")
    look(one="A")
    look(one="A", two="B")
    assert looked_at == ["one", "two", "two"]


def test_what_cannot_be_read_is_found_again(look: Look, looked_at: list[str], tmp_path: Path) -> None:
    look(one="A")
    [place] = (tmp_path / "kept").iterdir()
    place.write_text("{")
    assert look(one="A") == {"one": ["A"]}
    assert looked_at == ["one", "one"]
