"""`practio letters preview` as an operator meets it."""

import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from runpy import run_module
from typing import Self

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


class Here:
    """Runs the gallery in this process, in place of one of its own, which takes as long to start as many tests."""

    def __init__(self, command: list[str], **_options: object) -> None:
        output, errors = StringIO(), StringIO()
        self.returncode: object = 0
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
            patch.setattr(sys, "argv", command[2:])
            try:
                run_module(command[2], run_name="__main__")
            except SystemExit as ended:
                self.returncode = ended.code
        self.stdout, self.stderr = StringIO(output.getvalue()), StringIO(errors.getvalue())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", Here)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("option", mostly_thorough([["--kind", "invoice"], ["--language", "tlh"]], first=1))
def test_an_unknown_choice_is_one_sentence_with_the_choices(tmp_path: Path, option: list[str]) -> None:
    result = CliRunner().invoke(letters, ["preview", str(tmp_path), *option])
    assert isinstance(result.exception, UsageError)
    assert result.stderr == ""
    assert str(result.exception).startswith(f"{option[0]}: invalid choice: '{option[1]}' (choose from ")


@pytest.mark.usefixtures("here")
def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(letters, ["preview", str(tmp_path / "file"), "--kind", "invited"])
    assert isinstance(result.exception, OperatorError)
    assert "cannot be written to" in str(result.exception)
