"""Where the browser of tests comes from, and what is said where there is none."""

from pathlib import Path

import pytest
from tests.support.browser.chromium import find_chromium


def test_the_machine_s_own_browser_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "chromium-browser"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium() == str(program)


def test_where_there_is_none_and_none_can_be_installed_the_package_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="install the package chromium"):
        find_chromium()
