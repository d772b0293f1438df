"""Modules of tests that are thorough as a whole, which `make test` need not even import."""

from pathlib import Path

_MARK = "\npytestmark = pytest.mark.thorough"


def is_thorough(path: Path) -> bool:
    """Return whether a file is a module of tests whose mark, at its top level, makes all of them thorough."""
    return path.name.startswith("test_") and path.suffix == ".py" and _MARK in path.read_text()
