"""`practio letters preview` as an operator meets it."""

from pathlib import Path

import pytest
from tests.support.thorough import mostly_thorough
from typer.testing import CliRunner

from practio_operator.commands.letters import letters
from practio_operator.console.errors import OperatorError, UsageError


def test_letters_are_written_and_the_output_says_where(tmp_path: Path) -> None:
    result = CliRunner().invoke(letters, ["preview", str(tmp_path), "--kind", "invited", "--language", "en"])
    assert result.exit_code == 0, result.output
    assert f"Open {(tmp_path / 'index.html').as_uri()}" in result.output
    assert (tmp_path / "en" / "invited.html").exists()


@pytest.mark.parametrize("option", mostly_thorough([["--kind", "invoice"], ["--language", "tlh"]], first=1))
def test_an_unknown_choice_is_one_sentence_with_the_choices(tmp_path: Path, option: list[str]) -> None:
    result = CliRunner().invoke(letters, ["preview", str(tmp_path), *option])
    assert isinstance(result.exception, UsageError)
    assert result.stderr == ""
    assert str(result.exception).startswith(f"{option[0]}: invalid choice: '{option[1]}' (choose from ")


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(letters, ["preview", str(tmp_path / "file"), "--kind", "invited"])
    assert isinstance(result.exception, OperatorError)
    assert "cannot be written to" in str(result.exception)
