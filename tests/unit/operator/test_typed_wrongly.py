"""What is typed wrongly ends with exit code 2, as where Typer finds it, and with one sentence."""

import pytest
from typer.testing import CliRunner

from practio_operator.errors import TypedWronglyError
from practio_operator.main import commands


@pytest.mark.parametrize("typed", [["rebuild", "billing"], ["restore", "folder", "--only", "billing"]])
def test_a_part_that_there_is_not_is_typed_wrongly(typed: list[str]) -> None:
    told = CliRunner().invoke(commands, typed)
    assert isinstance(told.exception, TypedWronglyError)
    assert "billing" in str(told.exception)
