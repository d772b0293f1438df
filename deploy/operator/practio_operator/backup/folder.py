"""The folder of a backup: readable by its owner alone, and empty again if the backup fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from practio_operator.backup.manifest import MANIFEST, PARTS, file_of
from practio_operator.console.errors import OperatorError

_FILES = frozenset({MANIFEST, *map(file_of, PARTS)})


@contextmanager
def new_folder(path: Path) -> Iterator[None]:
    """Create a folder that only its owner may read, since a backup contains names and addresses.

    Its content is removed if the block fails or is interrupted. Raise OperatorError if the folder is not empty, or if
    the disk refuses.
    """
    try:
        _make(path)
        try:
            yield
        except BaseException:
            _empty(path)
            raise
    except OSError as error:
        raise OperatorError(f"No backup was written to {path}: {error.strerror or error}.") from None


def _make(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = {each.name for each in path.iterdir()}
    if held and held <= _FILES - {MANIFEST}:
        raise OperatorError(f"{path} contains an incomplete backup: remove it, or use another folder.")
    if held:
        raise OperatorError(f"{path} is not empty: use a new folder for each backup.")
    path.chmod(0o700)


def _empty(path: Path) -> None:
    for name in _FILES:
        (path / name).unlink(missing_ok=True)
