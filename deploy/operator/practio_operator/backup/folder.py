"""The folder that a backup is written into: its owner's alone, and empty again where the backup fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from practio_operator.backup.manifest import MANIFEST, PARTS, file_of
from practio_operator.errors import OperatorError

_FILES = frozenset({MANIFEST, *map(file_of, PARTS)})


@contextmanager
def new_folder(path: Path) -> Iterator[None]:
    """Make a folder that its owner alone may read, to be filled: it holds names and addresses.

    What was written is taken away where filling it fails, or is interrupted. Raises OperatorError where the folder
    holds something, or the disk says no.
    """
    try:
        _make(path)
        try:
            yield
        except BaseException:
            _empty(path)
            raise
    except OSError as error:
        raise OperatorError(f"There is no backup in {path}: {error.strerror or error}.") from None


def _make(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = {each.name for each in path.iterdir()}
    if held and held <= _FILES - {MANIFEST}:
        raise OperatorError(f"{path} holds a backup that was killed before its end, which is none: remove it.")
    if held:
        raise OperatorError(f"{path} is there already: a backup wants a folder of its own.")
    path.chmod(0o700)


def _empty(path: Path) -> None:
    for name in _FILES:
        (path / name).unlink(missing_ok=True)
