"""The notes beside an import: who is killed goes on where they end."""

from pathlib import Path
from uuid import uuid4

import pytest

from practio_operator.errors import OperatorError
from practio_operator.imports.notes import ImportProgress

BROKER = "broker.example.org:5672/practio"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def test_what_was_noted_is_known_to_the_next_run(sheet: Path) -> None:
    done, refused = uuid4(), uuid4()
    notes = ImportProgress.beside(sheet)
    notes.open(broker=BROKER)
    notes.done_with(done, "joined")
    notes.refused(refused, "room-unknown")
    again = ImportProgress.beside(sheet)
    assert (again.done, dict(again.refusals)) == ({done: "joined"}, {refused: 1})


def test_half_a_note_costs_no_more_than_itself(sheet: Path) -> None:
    first, last, later = uuid4(), uuid4(), uuid4()
    notes = ImportProgress.beside(sheet)
    notes.open(broker=BROKER)
    notes.done_with(first, "told")
    notes.done_with(last, "told")
    notes.path.write_text(notes.path.read_text()[:-10])
    again = ImportProgress.beside(sheet)
    again.open(broker=BROKER)
    again.done_with(later, "told")
    assert set(ImportProgress.beside(sheet).done) == {first, later}


def test_notes_of_another_broker_are_not_believed(sheet: Path) -> None:
    ImportProgress.beside(sheet).open(broker=BROKER)
    with pytest.raises(OperatorError, match="move it away"):
        ImportProgress.beside(sheet).open(broker="other.example.org:5672/practio")


def test_looking_writes_nothing(sheet: Path) -> None:
    notes = ImportProgress.beside(sheet)
    assert (notes.done, notes.path.exists()) == ({}, False)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    notes = ImportProgress.beside(tmp_path / "none" / "people.csv")
    with pytest.raises(OperatorError, match="cannot be noted"):
        notes.open(broker=BROKER)
