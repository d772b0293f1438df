"""The manifest of a backup: its content, and whether it is complete."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from pydantic import BaseModel, ValidationError

from practio_contracts.catalogue import SERVICES
from practio_operator.console.errors import OperatorError

BROKER = "broker"
"""The part that holds the broker's definitions; every other part is a service's schema."""

PARTS = (*SERVICES, BROKER)
MANIFEST = "manifest.json"


class BackupFile(BaseModel, frozen=True):
    """A file of a backup; ``revision`` is the newest migration of a schema."""

    file: str
    bytes: int
    sha256: str
    revision: str | None = None


class Manifest(BaseModel, frozen=True):
    """The content of a backup: its instant (UTC), its release and server, and its files by part."""

    taken_at: datetime
    release: str
    server: str
    parts: Mapping[str, BackupFile]

    def write(self, folder: Path) -> None:
        """Write the manifest, last of all: a folder without it is not a backup."""
        (folder / MANIFEST).write_text(self.model_dump_json(indent=2) + "\n")


def file_of(part: str) -> str:
    """Return the file name of a part."""
    return "broker.json" if part == BROKER else f"{part}.dump"


def describe_file(folder: Path, part: str, *, revision: str | None = None) -> BackupFile:
    """Return the manifest's entry about a file."""
    path = folder / file_of(part)
    return BackupFile(file=path.name, bytes=path.stat().st_size, sha256=_digest(path), revision=revision)


def read_complete(folder: Path) -> Manifest:
    """Return a folder's manifest. Raise OperatorError if it is missing, or if a file differs from it."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise OperatorError(
            f"{folder} is not a complete backup: its {MANIFEST} cannot be read ({_first(error)})."
        ) from None
    if faults := list(_faults(folder, manifest.parts.values())):
        raise OperatorError(f"{folder} is not a complete backup: {'; '.join(faults)}.")
    return manifest


def _faults(folder: Path, files: Iterable[BackupFile]) -> Iterable[str]:
    for each in files:
        path = folder / Path(each.file).name
        try:
            if path.stat().st_size != each.bytes or _digest(path) != each.sha256:
                yield f"{each.file} has been changed"
        except FileNotFoundError:
            yield f"{each.file} is missing"
        except OSError as error:
            yield f"{each.file} cannot be read ({error.strerror})"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _first(error: Exception) -> str:
    return str(error).splitlines()[0]
