"""A backup's folder: whole, or no backup, and then empty."""

import errno
from datetime import UTC, datetime
from pathlib import Path

import pytest

from practio_operator.backup.folder import new_folder
from practio_operator.backup.manifest import MANIFEST, PARTS, Manifest, describe_file, file_of, read_complete
from practio_operator.console.errors import OperatorError


def a_backup(folder: Path) -> Manifest:
    for part in PARTS:
        (folder / file_of(part)).write_text(f"what {part} held")
    manifest = Manifest(
        taken_at=datetime(2026, 11, 21, 3, tzinfo=UTC),
        release="1.4.0",
        server="PostgreSQL 17.2",
        parts={part: describe_file(folder, part) for part in PARTS},
    )
    manifest.write(folder)
    return manifest


def test_an_unchanged_folder_is_complete(tmp_path: Path) -> None:
    written = a_backup(tmp_path)
    assert read_complete(tmp_path) == written


def test_a_folder_without_its_manifest_is_no_backup(tmp_path: Path) -> None:
    a_backup(tmp_path)
    (tmp_path / MANIFEST).unlink()
    with pytest.raises(OperatorError, match=MANIFEST):
        read_complete(tmp_path)


def test_every_file_that_is_missing_or_changed_is_named(tmp_path: Path) -> None:
    a_backup(tmp_path)
    (tmp_path / "rooms.dump").unlink()
    (tmp_path / "membership.dump").write_text("what membership helb")
    with pytest.raises(OperatorError, match=r"rooms\.dump is missing; membership\.dump has been changed"):
        read_complete(tmp_path)


def test_the_folder_is_readable_only_for_its_owner(tmp_path: Path) -> None:
    with new_folder(tmp_path / "backups" / "kept"):
        assert (tmp_path / "backups" / "kept").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("error", "message"),
    [(OperatorError("pg_dump failed"), "pg_dump failed"), (OSError(errno.ENOSPC, "No space left"), "No space left")],
)
def test_a_failure_says_why_and_leaves_nothing_in_the_folder(tmp_path: Path, error: Exception, message: str) -> None:
    with pytest.raises(OperatorError, match=message):
        fails_in_the_middle(tmp_path, error)
    assert not list(tmp_path.iterdir())


def fails_in_the_middle(folder: Path, error: Exception) -> None:
    with new_folder(folder):
        (folder / "rooms.dump").write_text("half of it")
        raise error


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OperatorError, match="Not a directory"), new_folder(tmp_path / "file" / "kept"):
        pass


def test_the_remains_of_a_killed_backup_are_distinguished_from_foreign_files(tmp_path: Path) -> None:
    (tmp_path / "rooms.dump").write_text("half of it")
    with pytest.raises(OperatorError, match="an incomplete backup"), new_folder(tmp_path):
        pass
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OperatorError, match="use a new folder"), new_folder(tmp_path):
        pass
    assert len(list(tmp_path.iterdir())) == 2


def test_a_complete_backup_is_not_overwritten(tmp_path: Path) -> None:
    written = a_backup(tmp_path)
    with pytest.raises(OperatorError, match="use a new folder"), new_folder(tmp_path):
        pass
    assert read_complete(tmp_path) == written
