"""A backup's folder: whole, or no backup."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from practio_operator.backup.manifest import MANIFEST, PARTS, Manifest, file_of, kept, read_whole
from practio_operator.errors import OperatorError


def a_backup(folder: Path) -> Manifest:
    for part in PARTS:
        (folder / file_of(part)).write_text(f"what {part} held")
    manifest = Manifest(
        taken_at=datetime(2026, 11, 21, 3, tzinfo=UTC),
        release="1.4.0",
        server="PostgreSQL 17.2",
        parts={part: kept(folder, part) for part in PARTS},
    )
    manifest.write(folder)
    return manifest


def test_a_folder_as_it_was_written_is_whole(tmp_path: Path) -> None:
    written = a_backup(tmp_path)
    assert read_whole(tmp_path) == written


def test_a_folder_without_its_manifest_is_no_backup(tmp_path: Path) -> None:
    a_backup(tmp_path)
    (tmp_path / MANIFEST).unlink()
    with pytest.raises(OperatorError, match=MANIFEST):
        read_whole(tmp_path)


def test_every_file_that_is_missing_or_changed_is_named(tmp_path: Path) -> None:
    a_backup(tmp_path)
    (tmp_path / "rooms.dump").unlink()
    (tmp_path / "membership.dump").write_text("what membership helb")
    with pytest.raises(OperatorError, match=r"rooms\.dump is missing; membership\.dump is not as it was written"):
        read_whole(tmp_path)
