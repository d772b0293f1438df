"""A usage error ends with exit code 2, as Typer's own do, and with one sentence."""

from tests.support.every_case import every_case
from typer.testing import CliRunner

from practio_operator.console.errors import UsageError
from practio_operator.main import command_line


@every_case("typed", [["rebuild", "billing"], ["restore", "folder", "--only", "billing"]])
def test_an_unknown_part_is_a_usage_error(typed: list[str]) -> None:
    result = CliRunner().invoke(command_line(), typed)
    assert isinstance(result.exception, UsageError)
    assert "billing" in str(result.exception)
