"""What was found in files, kept from run to run: `make test` looks again only at those that changed.

`make test-all` looks at all of them again, and so does any run if the rules changed.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from tests.support import thorough

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".pytest_cache" / "kept"


@cache
def text_of(path: Path) -> str:
    """Return the text of a file, read once for all tests of a process."""
    return path.read_text(encoding="utf-8")


def in_each_file(
    look: Callable[[Path], Iterable[str]],
    files: Iterable[Path],
    *,
    rules: Iterable[Path],
    versions: Iterable[str] = (),
    folder: Path = FOLDER,
) -> Mapping[Path, list[str]]:
    """Return what ``look`` finds in each file.

    It depends on nothing but the file and its path, the text of the ``rules``, which are modules or data, and the
    ``versions`` of libraries. What is kept of files that are no longer among these is forgotten.
    """
    place = folder / f"{look.__module__}.{look.__qualname__}.json"
    how = _digest(repr([sys.version, *versions, *(_digest_of(each) for each in rules)]))
    before = {} if thorough.is_run() else _read(place, how)
    after, found = {}, {}
    for path in files:
        key = _digest_of(path)
        found[path] = after[key] = before[key] if key in before else list(look(path))
    if after.keys() != before.keys():
        _write(place, how, after)
    return found


def _read(place: Path, how: str) -> dict[str, list[str]]:
    """Return what is kept at a place, nothing if it was found otherwise."""
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    found: dict[str, list[str]] = kept["found"] if kept["how"] == how else {}
    return found


def _write(place: Path, how: str, found: Mapping[str, list[str]]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    written = place.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps({"how": how, "found": found}), encoding="utf-8")
    written.replace(place)


@cache
def _digest_of(path: Path) -> str:
    """Return what a file of another path or text does not have."""
    return _digest(f"{path}\n{text_of(path)}")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
