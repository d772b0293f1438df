"""The notes beside an import: a killed import continues at their end."""

from pathlib import Path
from uuid import uuid4

import pytest

from practio_operator.console.errors import OperatorError
from practio_operator.imports.progress import ImportProgress

BROKER = "broker.example.org:5672/practio"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def test_noted_lines_are_known_to_the_next_run(sheet: Path) -> None:
    done, refused = uuid4(), uuid4()
    notes = ImportProgress.read_beside(sheet)
    notes.open(broker=BROKER, digest="d")
    notes.record_outcome(done, "joined")
    notes.record_refusal(refused, "room-unknown")
    again = ImportProgress.read_beside(sheet)
    assert (again.done, dict(again.refusal_counts)) == ({done: "joined"}, {refused: 1})


def test_an_incomplete_note_loses_only_itself(sheet: Path) -> None:
    first, last, later = uuid4(), uuid4(), uuid4()
    notes = ImportProgress.read_beside(sheet)
    notes.open(broker=BROKER, digest="d")
    notes.record_outcome(first, "told")
    notes.record_outcome(last, "told")
    notes.path.write_text(notes.path.read_text()[:-10])
    again = ImportProgress.read_beside(sheet)
    again.open(broker=BROKER, digest="d")
    again.record_outcome(later, "told")
    assert set(ImportProgress.read_beside(sheet).done) == {first, later}


def test_notes_of_another_broker_are_ignored(sheet: Path) -> None:
    ImportProgress.read_beside(sheet).open(broker=BROKER, digest="d")
    with pytest.raises(OperatorError, match="move it away"):
        ImportProgress.read_beside(sheet).open(broker="other.example.org:5672/practio", digest="d")


def test_a_dry_run_writes_no_notes(sheet: Path) -> None:
    notes = ImportProgress.read_beside(sheet)
    assert (notes.done, notes.path.exists()) == ({}, False)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    notes = ImportProgress.read_beside(tmp_path / "none" / "people.csv")
    with pytest.raises(OperatorError, match="cannot be written"):
        notes.open(broker=BROKER, digest="d")
