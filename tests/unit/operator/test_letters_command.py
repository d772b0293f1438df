"""`practio letters preview` as an operator meets it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from practio_operator.commands.letters import letters
from practio_operator.errors import OperatorError, TypedWronglyError


def test_letters_are_written_and_it_says_where_to_look(tmp_path: Path) -> None:
    told = CliRunner().invoke(letters, ["preview", str(tmp_path), "--kind", "invited", "--language", "en"])
    assert told.exit_code == 0, told.output
    assert f"Look at them: {(tmp_path / 'index.html').as_uri()}" in told.output
    assert (tmp_path / "en" / "invited.html").exists()


@pytest.mark.parametrize("option", [["--kind", "invoice"], ["--language", "tlh"]])
def test_what_there_is_not_is_one_sentence_with_what_there_is(tmp_path: Path, option: list[str]) -> None:
    told = CliRunner().invoke(letters, ["preview", str(tmp_path), *option])
    assert isinstance(told.exception, TypedWronglyError)
    assert told.stderr == ""
    assert str(told.exception).startswith(f"{option[0]}: invalid choice: '{option[1]}' (choose from ")


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = CliRunner().invoke(letters, ["preview", str(tmp_path / "file"), "--kind", "invited"])
    assert isinstance(told.exception, OperatorError)
    assert "cannot be written to" in str(told.exception)
