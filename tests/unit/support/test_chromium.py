"""The source of the browser of tests, and the message without one."""

from pathlib import Path

import pytest
from tests.support.browser.chromium import find_chromium


def test_the_installed_browser_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "chromium-browser"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium() == str(program)


def test_without_a_browser_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="install the package chromium"):
        find_chromium()
