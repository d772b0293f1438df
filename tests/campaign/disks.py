"""A disk of its own for each server, which can be filled: a file, mounted as ext4. Root alone may mount."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SIZE = 24 * 2**30
"""The file is sparse: it takes up what is written, and a reservation takes up nothing."""


@dataclass(frozen=True)
class Disk:
    """A mounted disk with the data of one server."""

    place: Path

    def fill(self, *, leaving: int = 0) -> None:
        """Reserve everything but so many bytes."""
        with self._ballast.open("wb") as file:
            wanted = max(os.statvfs(self.place).f_bavail * os.statvfs(self.place).f_frsize - leaving, 0)
            # What is said to be free is more than what can be reserved at once.
            while wanted > 2**16:
                with suppress(OSError):
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), wanted)
                    return
                wanted = wanted * 9 // 10

    def free(self) -> None:
        """Release what was reserved."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.place / "ballast"


def why_not() -> str | None:
    """Return why no disk can be mounted here; None if it can."""
    if os.geteuid() != 0:
        return "only root may mount a disk"
    missing = [each for each in ("mkfs.ext4", "mount", "umount") if shutil.which(each) is None]
    return f"{', '.join(missing)} not found" if missing else None


@contextmanager
def mounted(place: Path, image: Path) -> Iterator[Disk]:
    """Mount a new, empty disk for as long as the block runs; ``image`` is its file."""
    with image.open("wb") as file:
        file.truncate(SIZE)
    _run("mkfs.ext4", "-q", "-m", "0", "-F", str(image))
    place.mkdir(mode=0o700)
    _run("mount", "-o", "loop", str(image), str(place))
    try:
        place.chmod(0o711)  # the server's account passes through to its own folder
        yield Disk(place)
    finally:
        _run("umount", "--lazy", str(place))
        image.unlink()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
