"""What a run without the thorough tests takes of a walk."""

from pathlib import Path

import pytest
from hypothesis import settings
from tests.support import thorough, thorough_modules
from tests.support.thorough import in_turn, part

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped


@pytest.fixture(params=[False, True])
def is_thorough(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(thorough._Run, "is_thorough", request.param)
    return bool(request.param)


def test_parts_that_begin_at_different_cases_see_each_case_once(is_thorough: bool) -> None:
    parts = [part("abcdefgh", of=3, at=at) for at in range(3)]
    if is_thorough:
        assert parts == [list("abcdefgh")] * 3
    else:
        assert sorted(each for one in parts for each in one) == list("abcdefgh")


def test_each_case_and_each_of_the_others_comes_in_turn(is_thorough: bool) -> None:
    pairs = in_turn("abcde", [1, 2])
    assert {each for each, _ in pairs} == set("abcde")
    assert {each for _, each in pairs} == {1, 2}
    assert len(pairs) == (10 if is_thorough else 5)


def test_a_failure_of_hypothesis_names_how_to_repeat_its_example() -> None:
    assert settings.default is not None
    assert settings.default.print_blob


@pytest.mark.parametrize(
    ("name", "text", "is_left_out"),
    [
        ("test_all.py", "import pytest\n\npytestmark = pytest.mark.thorough  # why\n", True),
        ("test_one.py", "import pytest\n\n\n@pytest.mark.thorough\ndef test_one() -> None:\n    pass\n", False),
        ("support.py", "import pytest\n\npytestmark = pytest.mark.thorough\n", False),
    ],
)
def test_only_a_module_that_is_thorough_as_a_whole_is_left_out(
    tmp_path: Path, name: str, text: str, is_left_out: bool
) -> None:
    (tmp_path / name).write_text(text)
    assert thorough_modules.is_thorough(tmp_path / name) == is_left_out
